//! `#[derive(Guarded)]` for the grants ACL of `storage-hub-core`.

mod expand;
mod role;

use proc_macro::TokenStream;

/// Implements `storage_hub_core::acl::Guarded` for a struct or an enum.
///
/// - The field named `grants`, or the one with `#[guarded(grants)]`, holds the grants: a `GrantSet`, or a list of
///   `Grant` or of strings.
/// - A field with `#[guarded(nested)]` is guarded itself: its type implements `Guarded`, or is a `Box`, `Option`,
///   `Vec` or map of one that does.
/// - `#[guarded(no_grants)]` on the type (or on a variant) says that it has no grants of its own. Without it, a type
///   where no field holds grants does not compile. Such a type is meant to be nested in others: as the root of a check
///   it is refused, unless the options switch `root_must_have_grants` off.
#[proc_macro_derive(Guarded, attributes(guarded))]
pub fn derive_guarded(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    expand::guarded(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
