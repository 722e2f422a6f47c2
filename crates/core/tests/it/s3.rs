//! The use cases of the S3 endpoint.

use futures::executor::block_on;
use storage_hub_core::acl::{Access, Grant};
use storage_hub_core::domain::{
    Bucket, BucketEntry, BucketId, BucketRef, BucketState, CorsMethod, CorsRule, CorsRules, Session, User,
};
use storage_hub_core::s3_action::{Rule, S3Action};
use storage_hub_core::use_cases::s3::{S3Access, S3Refusal, S3UseCases};
use storage_hub_core::use_cases::{accounts, administration, buckets::BucketError};
use uuid::Uuid;

use crate::hub::{Hub, email, name};

struct World {
    hub: Hub,
    s3: S3UseCases,
}

impl World {
    /// Ann has the bucket `photos`; Bob has none, and Root is an administrator.
    fn new() -> Self {
        let hub = Hub::in_process();
        for who in ["ann", "bob", "root"] {
            hub.user(who);
        }
        block_on(administration::promote(&hub.ports, &email("root"))).unwrap();
        hub.bucket(&hub.session("ann"), "photos");
        let s3 = S3UseCases::new(hub.ports.clone());
        Self { hub, s3 }
    }

    fn key(&self, who: &str) -> String {
        self.hub.credentials(&self.hub.session(who)).access_key.to_string()
    }

    /// What a request of somebody (`None`: of nobody) to a bucket is decided with.
    fn access(&self, who: Option<&str>, bucket: &str) -> S3Access {
        let key = who.map(|who| self.key(who));
        block_on(self.s3.authenticate(key.as_deref(), Some(&name(bucket)))).unwrap()
    }

    fn again(&self, before: &S3Access, action: S3Action) -> Result<BucketRef, S3Refusal> {
        block_on(self.s3.reauthorize(before, action)).unwrap()
    }

    fn user(&self, who: &str) -> User {
        block_on(accounts::get_me(&self.hub.ports, &self.hub.session(who).into())).unwrap()
    }

    /// A bucket of Ann's that others have access to.
    fn share(&self, bucket: &str, number: u128, entries: &[(Grant, Access)]) -> Bucket {
        let owner = self.user("ann").id;
        let own = [(Grant::admin(), Access::Manage), (Grant::author(owner), Access::Manage)];
        let entries: Vec<_> = own
            .iter()
            .chain(entries)
            .map(|(grant, access)| BucketEntry { grant: grant.clone(), access: *access, shard: None })
            .collect();
        let bucket = Bucket {
            id: BucketId::new(Uuid::from_u128(0xffff_0000 + number)),
            name: name(bucket),
            owner,
            state: BucketState::Active,
            seen_absent: true,
            answered: true,
            created_at: self.hub.ports.clock.now(),
        };
        block_on(async {
            let mut transaction = self.hub.ports.unit_of_work.begin().await.unwrap();
            transaction.buckets().insert(&bucket, &entries).await.unwrap();
            transaction.commit().await.unwrap();
            self.hub.ports.store.create_bucket(&bucket.reference()).await.unwrap();
        });
        bucket
    }

    fn set_state(&self, bucket: &Bucket, state: BucketState) {
        block_on(async {
            let mut transaction = self.hub.ports.unit_of_work.begin().await.unwrap();
            transaction.buckets().update(&Bucket { state, ..bucket.clone() }).await.unwrap();
            transaction.commit().await.unwrap();
        });
    }
}

#[test]
fn each_caller_may_do_what_the_table_of_actions_says() {
    let world = World::new();
    let own = |who: &str| Grant::author(world.user(who).id);
    let shared = world.share("shared", 1, &[(own("bob"), Access::Manage)]);
    let callers = [Some("ann"), Some("root"), Some("bob"), None].map(|who| world.access(who, "shared"));
    for action in S3Action::ALL {
        let got = callers.each_ref().map(|access| world.s3.authorize(access, *action).is_ok());
        let expected = match action.rule() {
            Rule::Access(_) => [true, true, true, false],
            Rule::Owner => [true, true, false, false],
            Rule::SignedIn | Rule::Hub => [false; 4],
        };
        assert_eq!(got, expected, "{action}");
        let got = callers.each_ref().map(|access| world.s3.authorize_service(access, *action).is_ok());
        let signed_in = action.rule() == Rule::SignedIn;
        assert_eq!(got, [signed_in, signed_in, signed_in, false], "{action}");
    }
    assert_eq!(world.s3.authorize(&callers[0], S3Action::GetObject), Ok(shared.reference()));
}

#[test]
fn public_gives_less_than_read() {
    let world = World::new();
    let own = |who: &str| Grant::author(world.user(who).id);
    world.share("public", 1, &[(Grant::public(), Access::Read)]);
    world.share("both", 2, &[(Grant::public(), Access::Read), (own("bob"), Access::Read)]);
    let allowed = |who: Option<&str>, bucket: &str| -> Vec<S3Action> {
        let access = world.access(who, bucket);
        let actions = S3Action::ALL.iter().copied();
        actions.filter(|action| world.s3.authorize(&access, *action).is_ok()).collect()
    };
    let less = [S3Action::GetObject, S3Action::ListBucket];
    assert_eq!(allowed(None, "public"), less);
    assert_eq!(allowed(Some("bob"), "public"), less);
    assert_eq!(allowed(None, "both"), less);
    assert_eq!(allowed(Some("bob"), "both"), S3Action::allowed_by(Access::Read).collect::<Vec<_>>());
    assert!(world.access(None, "public").bucket.unwrap().is_public());
    assert!(!world.access(None, "photos").bucket.unwrap().is_public());
}

#[test]
fn only_signed_in_callers_are_told_that_a_bucket_does_not_exist() {
    let world = World::new();
    let hidden =
        [BucketState::Creating, BucketState::Releasing].map(|state| (state, format!("{}-one", state.as_str())));
    for (number, (state, bucket)) in (1..).zip(&hidden) {
        let made = world.share(bucket, number, &[(Grant::public(), Access::Read)]);
        world.set_state(&made, *state);
    }
    for bucket in ["missing", &hidden[0].1, &hidden[1].1] {
        for who in ["ann", "bob", "root"] {
            let decided = world.s3.authorize(&world.access(Some(who), bucket), S3Action::GetObject);
            assert_eq!(decided, Err(S3Refusal::NoSuchBucket), "{bucket} to {who}");
        }
        let decided = world.s3.authorize(&world.access(None, bucket), S3Action::GetObject);
        assert_eq!(decided, Err(S3Refusal::Denied), "{bucket} to nobody");
    }
    for who in [Some("bob"), None] {
        let decided = world.s3.authorize(&world.access(who, "photos"), S3Action::GetObject);
        assert_eq!(decided, Err(S3Refusal::Denied), "photos to {who:?}");
    }
}

#[test]
fn a_key_that_is_unknown_malformed_or_disabled_gives_no_caller() {
    let world = World::new();
    let authenticate = |key: &str| block_on(world.s3.authenticate(Some(key), None)).unwrap().caller;
    let key = world.key("ann");
    let caller = authenticate(&key).unwrap();
    let credentials = world.hub.credentials(&world.hub.session("ann"));
    assert_eq!((caller.user_id(), caller.is_admin()), (world.user("ann").id, false));
    assert_eq!((&caller.access_key, &caller.secret_key), (&credentials.access_key, &credentials.secret_key));
    assert!(authenticate("user_0_unknown").is_none());
    assert!(authenticate("not a key").is_none());
    block_on(administration::disable(&world.hub.ports, &email("ann"))).unwrap();
    assert!(authenticate(&key).is_none());
}

#[test]
fn what_is_revoked_while_a_request_runs_is_refused_at_its_end() {
    let world = World::new();
    let own = |who: &str| Grant::author(world.user(who).id);
    world.share("shared", 1, &[(own("bob"), Access::Write)]);
    let [ann, bob, nobody] = [Some("ann"), Some("bob"), None].map(|who| world.access(who, "shared"));
    let action = S3Action::PutObject;
    assert!(world.again(&ann, action).is_ok() && world.again(&bob, action).is_ok());
    assert_eq!(world.again(&nobody, action), Err(S3Refusal::Denied));

    // A rotation ends what was signed with the secret before it, although the access key stays.
    block_on(accounts::rotate_credentials(&world.hub.ports, &world.hub.session("ann"))).unwrap();
    assert_eq!(world.again(&ann, action), Err(S3Refusal::Denied));
    assert!(world.again(&world.access(Some("ann"), "shared"), action).is_ok());
    block_on(administration::disable(&world.hub.ports, &email("bob"))).unwrap();
    assert_eq!(world.again(&bob, action), Err(S3Refusal::Denied));
}

#[test]
fn a_request_does_not_reach_a_later_bucket_of_the_same_name() {
    let world = World::new();
    let nobody_before = world.access(None, "photos");
    let [ann, root, bob] = ["ann", "root", "bob"].map(|who| world.access(Some(who), "photos"));
    let before = ann.bucket.as_ref().unwrap().reference();
    world.hub.delete(&world.hub.session("ann"), "photos").unwrap();
    for access in [&ann, &root] {
        assert_eq!(world.again(access, S3Action::PutObject), Err(S3Refusal::NoSuchBucket));
    }
    let later = world.hub.bucket(&world.hub.session("bob"), "photos");
    // Even Bob, whose bucket it is now: he was told about the earlier one.
    for access in [&ann, &root, &bob] {
        assert_eq!(world.again(access, S3Action::PutObject), Err(S3Refusal::NoSuchBucket));
    }
    assert_eq!(world.again(&nobody_before, S3Action::GetObject), Err(S3Refusal::Denied));
    assert_eq!(world.s3.authorize(&world.access(Some("bob"), "photos"), S3Action::PutObject), Ok(later.reference()));

    let root = root.caller.unwrap();
    assert!(matches!(block_on(world.s3.delete_bucket(&root, &before)), Err(BucketError::NotFound)));
    block_on(world.s3.delete_bucket(&root, &later.reference())).unwrap();
}

#[test]
fn a_bucket_is_listed_to_those_who_reach_it_through_another_entry_than_public() {
    let world = World::new();
    let own = |who: &str| Grant::author(world.user(who).id);
    world.share("bobs-too", 1, &[(own("bob"), Access::Read)]);
    world.share("public", 2, &[(Grant::public(), Access::Read)]);
    let hidden = world.share("hidden", 3, &[(own("bob"), Access::Read)]);
    world.set_state(&hidden, BucketState::Creating);
    let list = |who: &str, prefix: &str, after: Option<&str>, limit: u16| {
        let caller = world.access(Some(who), "photos").caller.unwrap();
        let after = after.map(name);
        let (found, more) = block_on(world.s3.list_buckets(&caller, prefix, after.as_ref(), limit)).unwrap();
        (found.into_iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>(), more)
    };
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    assert_eq!(list("bob", "", None, 10), (texts(&["bobs-too"]), false));
    for who in ["ann", "root"] {
        assert_eq!(list(who, "", None, 10), (texts(&["bobs-too", "photos", "public"]), false), "{who}");
        assert_eq!(list(who, "p", None, 1), (texts(&["photos"]), true), "{who}");
        assert_eq!(list(who, "p", Some("photos"), 1), (texts(&["public"]), false), "{who}");
    }
}

#[test]
fn buckets_are_created_and_deleted_as_by_the_rest_api() {
    let world = World::new();
    let [ann, bob] = ["ann", "bob"].map(|who| world.access(Some(who), "photos").caller.unwrap());
    let create = |caller, bucket: &str| block_on(world.s3.create_bucket(caller, name(bucket)));
    assert!(matches!(create(&ann, "photos"), Err(BucketError::AlreadyOwned)));
    assert!(matches!(create(&bob, "photos"), Err(BucketError::NameTaken)));
    let made = create(&bob, "videos").unwrap();
    assert_eq!(made.owner, bob.user_id());
    // Its answer may have been lost.
    assert_eq!(create(&bob, "videos").unwrap().id, made.id);
    block_on(world.s3.mark_bucket_answered(made.id)).unwrap();
    assert!(matches!(create(&bob, "videos"), Err(BucketError::AlreadyOwned)));

    let delete = |caller| block_on(world.s3.delete_bucket(caller, &made.reference()));
    assert!(matches!(delete(&ann), Err(BucketError::NotFound)));
    block_on(world.hub.ports.store.put_object(&made.reference(), "key", b"body".to_vec())).unwrap();
    assert!(matches!(delete(&bob), Err(BucketError::NotEmpty)));
    block_on(world.hub.ports.store.delete_object(&made.reference(), "key")).unwrap();
    delete(&bob).unwrap();
    assert!(world.access(Some("bob"), "videos").bucket.is_none());
}

#[test]
fn manage_is_not_enough_to_delete_a_bucket() {
    let world = World::new();
    let own = |who: &str| Grant::author(world.user(who).id);
    let shared = world.share("shared", 1, &[(own("bob"), Access::Manage)]);
    let bob = world.access(Some("bob"), "shared").caller.unwrap();
    let refused = block_on(world.s3.delete_bucket(&bob, &shared.reference()));
    assert!(matches!(refused, Err(BucketError::Forbidden)), "{refused:?}");
    assert!(matches!(world.hub.delete(&world.hub.session("bob"), "shared"), Err(BucketError::Forbidden)));
    world.hub.delete(&world.hub.session("ann"), "shared").unwrap();
}

#[test]
fn of_two_who_create_a_bucket_at_the_same_time_one_gets_it() {
    let world = World::new();
    for round in 0..10 {
        let bucket = name(&format!("raced-{round}"));
        let outcomes = std::thread::scope(|scope| {
            ["ann", "bob"]
                .map(|who| {
                    let caller = world.access(Some(who), "photos").caller.unwrap();
                    let (s3, bucket) = (world.s3.clone(), bucket.clone());
                    scope.spawn(move || block_on(s3.create_bucket(&caller, bucket)))
                })
                .map(|thread| thread.join().unwrap())
        });
        let made = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        let taken = outcomes.iter().filter(|outcome| matches!(outcome, Err(BucketError::NameTaken))).count();
        assert_eq!((made, taken), (1, 1), "{outcomes:?}");
    }
}

fn rules() -> CorsRules {
    let rule = CorsRule {
        id: None,
        allowed_origins: vec!["*".to_owned()],
        allowed_methods: vec![CorsMethod::Get],
        allowed_headers: Vec::new(),
        expose_headers: Vec::new(),
        max_age_seconds: None,
    };
    CorsRules::new(vec![rule]).unwrap()
}

#[test]
fn cors_rules_are_written_by_those_who_manage_the_bucket() {
    let world = World::new();
    let own = |who: &str| Grant::author(world.user(who).id);
    let shared = world.share("shared", 1, &[(own("bob"), Access::Write)]).reference();
    let [ann, bob] = ["ann", "bob"].map(|who| world.access(Some(who), "shared").caller.unwrap());
    let found = || block_on(world.s3.find_cors(&name("shared"))).unwrap();
    assert_eq!(found(), None);
    assert!(matches!(block_on(world.s3.put_cors(&bob, &shared, &rules())), Err(BucketError::Forbidden)));
    block_on(world.s3.put_cors(&ann, &shared, &rules())).unwrap();
    assert_eq!(found(), Some(rules()));
    assert_eq!(world.access(Some("bob"), "shared").bucket.unwrap().cors(), Some(&rules()));
    assert!(matches!(block_on(world.s3.delete_cors(&bob, &shared)), Err(BucketError::Forbidden)));
    block_on(world.s3.delete_cors(&ann, &shared)).unwrap();
    block_on(world.s3.delete_cors(&ann, &shared)).unwrap();
    assert_eq!(found(), None);
    let gone = BucketRef { id: BucketId::new(Uuid::nil()), ..shared };
    assert!(matches!(block_on(world.s3.put_cors(&ann, &gone, &rules())), Err(BucketError::NotFound)));
    assert_eq!(block_on(world.s3.find_cors(&name("missing"))).unwrap(), None);
}

#[test]
fn a_bucket_shows_the_policy_of_its_owner_to_whoever_manages_it() {
    let world = World::new();
    let expected = |session: &Session, bucket: &str| {
        block_on(storage_hub_core::use_cases::buckets::get_bucket_policy(
            &world.hub.ports,
            &(*session).into(),
            &name(bucket),
        ))
        .unwrap()
    };
    world.share("shared", 1, &[(Grant::public(), Access::Read)]);
    for who in ["ann", "root"] {
        let policy = world.access(Some(who), "shared").bucket.unwrap().policy();
        assert_eq!(policy, expected(&world.hub.session("ann"), "shared"), "{who}");
    }
}
