use syn::{Attribute, Field};

/// Returns the role of a field, by its attribute or else by its name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The field holds the grants.
    Grants,
    /// The field is guarded itself.
    Nested,
    /// The ACL ignores the field.
    Plain,
}

/// The role of a field, by its attribute, else by its name.
pub(crate) fn of_field(field: &Field) -> syn::Result<Role> {
    let words = words(&field.attrs, &["grants", "nested"])?;
    match words.as_slice() {
        [] if field.ident.as_ref().is_some_and(|name| name == "grants") => Ok(Role::Grants),
        [] => Ok(Role::Plain),
        [one] if one == "grants" => Ok(Role::Grants),
        [_] => Ok(Role::Nested),
        [..] => Err(syn::Error::new_spanned(field, "a field must not be both grants and nested")),
    }
}

/// Whether a type or a variant says that it has no grants of its own.
pub(crate) fn says_no_grants(attributes: &[Attribute]) -> syn::Result<bool> {
    Ok(!words(attributes, &["no_grants"])?.is_empty())
}

fn words(attributes: &[Attribute], allowed: &[&str]) -> syn::Result<Vec<String>> {
    let mut found = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("guarded")) {
        attribute.parse_nested_meta(|meta| match meta.path.get_ident().map(ToString::to_string) {
            Some(word) if allowed.contains(&word.as_str()) => {
                found.push(word);
                Ok(())
            }
            _ => Err(meta.error(format!("guarded accepts only {} here", allowed.join(" and ")))),
        })?;
    }
    Ok(found)
}
