//! `#[derive(Guarded)]`: tells the ACL of `storage-hub-core` where a type's grants are and what is nested in it.

mod expand;
mod role;

use proc_macro::TokenStream;

/// Writes `storage_hub_core::acl::Guarded` for a struct or an enum.
///
/// - The field named `grants`, or the one with `#[guarded(grants)]`, holds the grants: a `GrantSet`, or a list of
///   `Grant` or of strings.
/// - A field with `#[guarded(nested)]` is guarded itself: a type that is `Guarded`, or a `Box`, `Option`, `Vec` or map
///   of one.
/// - `#[guarded(no_grants)]` on the type (or on a variant) says that it has no level of its own. Without it, a type
///   where no field holds grants does not compile. Such a type is for what is nested in other types: as the root of a
///   check it is refused, unless the options switch `root_must_have_grants` off.
#[proc_macro_derive(Guarded, attributes(guarded))]
pub fn derive_guarded(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    expand::guarded(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
