use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;
use syn::{Attribute, Data, DeriveInput, Fields, Member, parse_quote};

use crate::role::{self, Role};

/// Expands to the implementation for a type.
pub(crate) fn guarded(input: &DeriveInput) -> syn::Result<TokenStream> {
    let name = &input.ident;
    let arms = match &input.data {
        Data::Struct(data) => vec![arm(&quote!(Self), name, &input.attrs, &data.fields)?],
        Data::Enum(data) => {
            let everywhere = role::says_no_grants(&input.attrs)?;
            if everywhere {
                return Err(syn::Error::new_spanned(name, "say no_grants on the variants that have none"));
            }
            let arms = data.variants.iter().map(|variant| {
                let ident = &variant.ident;
                arm(&quote!(Self::#ident), ident, &variant.attrs, &variant.fields)
            });
            arms.collect::<syn::Result<_>>()?
        }
        Data::Union(_) => return Err(syn::Error::new_spanned(name, "a union cannot be guarded")),
    };
    let mut generics = input.generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(::storage_hub_core::acl::Guarded));
    }
    let (in_impl, of_type, bounds) = generics.split_for_impl();
    Ok(quote! {
        impl #in_impl ::storage_hub_core::acl::Guarded for #name #of_type #bounds {
            fn levels<'guarded>(&'guarded self, levels: &mut ::storage_hub_core::acl::Levels<'guarded, '_>) {
                match self {
                    #(#arms)*
                }
            }
        }
    })
}

fn arm(path: &TokenStream, name: &Ident, attributes: &[Attribute], fields: &Fields) -> syn::Result<TokenStream> {
    let mut bindings = Vec::new();
    let mut calls = Vec::new();
    let mut levels = 0;
    for (index, (member, field)) in fields.members().zip(fields).enumerate() {
        let variable = format_ident!("field_{index}");
        match role::of_field(field)? {
            Role::Plain => continue,
            Role::Grants => {
                levels += 1;
                calls.push(quote!(levels.grants(#variable);));
            }
            Role::Nested => {
                let text = text_of(&member);
                calls.push(quote!(levels.nested(#text, #variable);));
            }
        }
        bindings.push(quote!(#member: #variable));
    }
    match (levels, role::says_no_grants(attributes)?) {
        (0, true) | (1, false) => Ok(quote!(#path { #(#bindings,)* .. } => { #(#calls)* })),
        (0, false) => Err(syn::Error::new_spanned(
            name,
            "no field holds grants: name one `grants`, mark one with #[guarded(grants)], or say #[guarded(no_grants)] here",
        )),
        (_, true) => Err(syn::Error::new_spanned(name, "no_grants contradicts a field of grants")),
        (_, false) => Err(syn::Error::new_spanned(name, "more than one field holds grants")),
    }
}

// The name of the field in the paths of explanations.
fn text_of(member: &Member) -> String {
    match member {
        Member::Named(name) => name.unraw().to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}
