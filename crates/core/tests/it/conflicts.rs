//! Another transaction in the way, at whichever transaction of whichever use case: nobody but the log hears of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::executor::block_on;
use storage_hub_core::ports::{RecordError, Transaction, UnitOfWork};
use storage_hub_core::use_cases::accounts::{self, ChangePassword};
use storage_hub_core::use_cases::{administration, buckets, reconcile};

use crate::hub::{Hub, PASSWORD, email, password};

/// Records whose transaction of one number ends with a conflict.
struct Contended {
    records: Arc<dyn UnitOfWork>,
    begun: AtomicUsize,
    conflict_at: usize,
}

#[async_trait]
impl UnitOfWork for Contended {
    async fn begin(&self) -> Result<Box<dyn Transaction>, RecordError> {
        match self.begun.fetch_add(1, Ordering::SeqCst) == self.conflict_at {
            true => Err(RecordError::Conflict("another transaction was in the way".into())),
            false => self.records.begin().await,
        }
    }
}

#[test]
fn a_conflict_in_any_transaction_is_tried_again() {
    for conflict_at in 0.. {
        let mut hub = Hub::new();
        let contended = Contended { records: hub.ports.unit_of_work.clone(), begun: AtomicUsize::new(0), conflict_at };
        let contended = Arc::new(contended);
        hub.ports.unit_of_work = contended.clone();

        hub.user("ann");
        let ann = hub.session("ann");
        hub.bucket(&ann, "photos");
        block_on(accounts::rotate_credentials(&hub.ports, &ann)).unwrap();
        assert!(hub.store_lets_put(&hub.credentials(&ann), "photos"));
        hub.delete(&ann, "photos").unwrap();
        let change = ChangePassword { current: Some(password(PASSWORD)), new: password("another password") };
        block_on(accounts::change_password(&hub.ports, &ann, change)).unwrap();
        let ann = hub.log_in("ann", "another password").unwrap();
        assert!(
            block_on(buckets::list_buckets(&hub.ports, &ann.into(), &Default::default())).unwrap().items.is_empty()
        );
        block_on(administration::promote(&hub.ports, &email("ann"))).unwrap();

        let begun = contended.begun.load(Ordering::SeqCst);
        hub.ports.unit_of_work = contended.records.clone();
        assert_eq!(block_on(reconcile::check(&hub.ports)).unwrap(), []);
        if begun <= conflict_at {
            assert!(conflict_at > 10, "hardly any transaction was tried");
            return;
        }
    }
}
