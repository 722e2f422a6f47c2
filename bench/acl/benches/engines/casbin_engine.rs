use anyhow::Result;
use casbin::{CachedEnforcer, CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};
use storage_hub_bench_acl::{World, document, user};
use storage_hub_core::acl::Access;
use tokio::runtime::Runtime;

/// Roles as in casbin's own documentation, with the cheap comparisons first.
const MODEL: &str = "\
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.obj == p.obj && r.act == p.act && g(r.sub, p.sub)
";

/// Casbin with one policy per entry that suffices for the requested access, so that it need not compare levels.
pub(crate) fn plain(runtime: &Runtime, world: &World, wanted: Access) -> Result<Enforcer> {
    runtime.block_on(async {
        let mut enforcer = Enforcer::new(DefaultModel::from_str(MODEL).await?, MemoryAdapter::default()).await?;
        fill(&mut enforcer, world, wanted).await?;
        Ok(enforcer)
    })
}

/// The same behind its cache of decisions.
pub(crate) fn cached(runtime: &Runtime, world: &World, wanted: Access) -> Result<CachedEnforcer> {
    runtime.block_on(async {
        let mut enforcer = CachedEnforcer::new(DefaultModel::from_str(MODEL).await?, MemoryAdapter::default()).await?;
        fill(&mut enforcer, world, wanted).await?;
        Ok(enforcer)
    })
}

async fn fill(enforcer: &mut impl MgmtApi, world: &World, wanted: Access) -> Result<()> {
    let policies = world.sufficient(wanted);
    let rows = policies.map(|(grant, number)| vec![grant.to_string(), document(number), wanted.to_string()]);
    enforcer.add_policies(rows.collect()).await?;
    let subjects = world.subjects.iter().enumerate();
    let rows = subjects
        .flat_map(|(number, subject)| subject.grants().iter().map(move |grant| vec![user(number), grant.to_string()]));
    enforcer.add_grouping_policies(rows.collect()).await?;
    Ok(())
}

/// Its decision.
pub(crate) fn allows(enforcer: &impl CoreApi, user: &str, document: &str, wanted: Access) -> Result<bool> {
    Ok(enforcer.enforce((user, document, wanted.as_str()))?)
}
