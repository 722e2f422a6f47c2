use std::collections::{HashMap, HashSet};

use anyhow::Result;
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression,
};
use storage_hub_bench_acl::{World, document, user};
use storage_hub_core::acl::Access;

/// Cedar with everything prepared.
pub(crate) struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
}

/// The representation of the entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// One policy per entry.
    PolicyAnEntry,
    /// One policy for all; the sufficient grants are an attribute of the resource.
    OnePolicy,
}

impl Style {
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::PolicyAnEntry => "a policy an entry",
            Self::OnePolicy => "one policy for all",
        }
    }
}

impl Cedar {
    /// Grants are groups, and users are members of them.
    pub(crate) fn new(world: &World, wanted: Access, style: Style) -> Result<Self> {
        let mut readers: Vec<Vec<EntityUid>> = vec![Vec::new(); world.resources.len()];
        let mut text = String::new();
        for (grant, number) in world.sufficient(wanted) {
            if let Some(readers) = readers.get_mut(number) {
                readers.push(uid("Grant", grant.as_str())?);
            }
            text += &format!(
                "permit(principal in Grant::\"{grant}\", action == Action::\"{wanted}\", \
                 resource == Document::\"{}\");\n",
                document(number)
            );
        }
        let mut entities = HashMap::new();
        for (number, subject) in world.subjects.iter().enumerate() {
            let mut groups = HashSet::new();
            for grant in subject.grants() {
                let group = uid("Grant", grant.as_str())?;
                entities.insert(group.clone(), Entity::new_no_attrs(group.clone(), HashSet::new()));
                groups.insert(group);
            }
            let user = uid("User", &user(number))?;
            entities.insert(user.clone(), Entity::new_no_attrs(user, groups));
        }
        if style == Style::OnePolicy {
            text = format!(
                "permit(principal, action == Action::\"{wanted}\", resource) when {{ principal in resource.holders }};"
            );
            for (number, readers) in readers.into_iter().enumerate() {
                let holders = readers.into_iter().map(RestrictedExpression::new_entity_uid);
                let holders = RestrictedExpression::new_set(holders);
                let document = uid("Document", &document(number))?;
                let attributes = HashMap::from([("holders".to_owned(), holders)]);
                entities.insert(document.clone(), Entity::new(document, attributes, HashSet::new())?);
            }
        }
        Ok(Self {
            authorizer: Authorizer::new(),
            policies: text.parse()?,
            entities: Entities::from_entities(entities.into_values(), None)?,
        })
    }

    /// Its decision.
    pub(crate) fn allows(&self, request: &Request) -> bool {
        self.authorizer.is_authorized(request, &self.policies, &self.entities).decision() == Decision::Allow
    }
}

/// A request to it.
pub(crate) fn request(subject: usize, resource: usize, wanted: Access) -> Result<Request> {
    let (user, document) = (uid("User", &user(subject))?, uid("Document", &document(resource))?);
    Ok(Request::new(user, uid("Action", wanted.as_str())?, document, Context::empty(), None)?)
}

fn uid(kind: &str, id: &str) -> Result<EntityUid> {
    let kind: EntityTypeName = kind.parse()?;
    Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}
