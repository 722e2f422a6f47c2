use std::num::NonZeroUsize;
use std::thread::{self, JoinHandle};

use async_trait::async_trait;
use futures::channel::oneshot;
use storage_hub_core::domain::{Password, PasswordHash};
use storage_hub_core::ports::{HashError, PasswordHasher};

/// Hashes passwords with bcrypt, on threads of its own that yield to all others.
///
/// The threads end when the hasher is dropped. What waits but is no longer waited for is never hashed.
pub struct BcryptHasher {
    jobs: flume::Sender<Job>,
    cost: u32,
    decoy: PasswordHash,
}

/// How a [`BcryptHasher`] works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BcryptOptions {
    /// The cost, 4 to 31: one more doubles the work. The default is 10.
    pub cost: u32,
    /// How many threads hash. The default is one for each core.
    pub threads: NonZeroUsize,
    /// How many requests may wait for a thread; one more is answered [`HashError::Overloaded`]. The default is 256.
    pub queue: usize,
}

impl Default for BcryptOptions {
    fn default() -> Self {
        Self { cost: 10, threads: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN), queue: 256 }
    }
}

/// Why a [`BcryptHasher`] could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BcryptHasherError {
    /// A cost that bcrypt does not have.
    #[error("the cost of bcrypt is 4 to 31, not {0}")]
    Cost(u32),
    /// The system gives no thread.
    #[error("a thread to hash passwords on could not be started")]
    Thread(#[source] std::io::Error),
}

struct Job {
    password: Password,
    task: Task,
}

enum Task {
    Hash(oneshot::Sender<Result<PasswordHash, HashError>>),
    Verify(PasswordHash, oneshot::Sender<Result<bool, HashError>>),
}

impl BcryptHasher {
    /// Starts the threads.
    ///
    /// # Errors
    /// [`BcryptHasherError`] when the cost is out of range or the system gives no thread.
    pub fn new(options: BcryptOptions) -> Result<Self, BcryptHasherError> {
        // The threads are not joined: a hash that runs at the end of the process is of no use to anybody.
        start(options).map(|(hasher, _threads)| hasher)
    }

    async fn run<T>(
        &self,
        password: &Password,
        task: impl FnOnce(oneshot::Sender<Result<T, HashError>>) -> Task,
    ) -> Result<T, HashError> {
        let (reply, answer) = oneshot::channel();
        let job = Job { password: password.clone(), task: task(reply) };
        self.jobs.try_send(job).map_err(|error| match error {
            flume::TrySendError::Full(_) => HashError::Overloaded,
            flume::TrySendError::Disconnected(_) => HashError::Unexpected("no thread hashes any more".into()),
        })?;
        answer.await.map_err(|canceled| HashError::Unexpected(canceled.into()))?
    }
}

#[async_trait]
impl PasswordHasher for BcryptHasher {
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
        self.run(password, Task::Hash).await
    }

    async fn verify(&self, password: &Password, hash: Option<&PasswordHash>) -> Result<bool, HashError> {
        let against = hash.unwrap_or(&self.decoy).clone();
        let matches = self.run(password, |reply| Task::Verify(against, reply)).await?;
        Ok(matches && hash.is_some())
    }

    fn is_outdated(&self, hash: &PasswordHash) -> bool {
        cost_of(hash).is_some_and(|cost| cost != self.cost)
    }
}

impl std::fmt::Debug for BcryptHasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BcryptHasher").field("cost", &self.cost).field("waiting", &self.jobs.len()).finish()
    }
}

fn start(options: BcryptOptions) -> Result<(BcryptHasher, Vec<JoinHandle<()>>), BcryptHasherError> {
    let BcryptOptions { cost, threads, queue } = options;
    if !(4..=31).contains(&cost) {
        return Err(BcryptHasherError::Cost(cost));
    }
    let (sender, jobs) = flume::bounded::<Job>(queue);
    let threads = (0..threads.get())
        .map(|number| {
            let jobs = jobs.clone();
            let thread = thread::Builder::new().name(format!("bcrypt-{number}"));
            thread.spawn(move || {
                yield_to_others();
                jobs.iter().for_each(|job| job.carry_out(cost));
            })
        })
        .collect::<Result<_, _>>()
        .map_err(BcryptHasherError::Thread)?;
    Ok((BcryptHasher { jobs: sender, cost, decoy: decoy(cost) }, threads))
}

impl Job {
    fn carry_out(self, cost: u32) {
        // A `Password` has at most the 72 bytes that bcrypt reads, so that nothing is cut off. The functions that
        // refuse to cut would also refuse one of just 72 bytes.
        let password = self.password.expose();
        let unexpected = |error: bcrypt::BcryptError| HashError::Unexpected(error.into());
        match self.task {
            Task::Hash(reply) if !reply.is_canceled() => {
                let _ = reply.send(bcrypt::hash(password, cost).map(PasswordHash::new).map_err(unexpected));
            }
            Task::Verify(hash, reply) if !reply.is_canceled() => {
                let verified = bcrypt::verify(password, hash.as_str());
                if verified.as_ref().is_ok_and(|matches| !matches) {
                    spend_difference(password, &hash, cost);
                }
                let _ = reply.send(verified.map_err(unexpected));
            }
            Task::Hash(_) | Task::Verify(..) => {}
        }
    }
}

/// Makes a wrong password for a hash of a lower cost take as long as one for an unknown account, which is verified at
/// the present cost: after the cost was raised, the difference would tell which emails have an account.
///
/// Each cost doubles the work, so verifying once at every cost from the hash's own up to below `cost` adds up to exactly
/// the difference. A hash of a higher cost still takes longer; it is renewed when its owner logs in.
fn spend_difference(password: &str, hash: &PasswordHash, cost: u32) {
    for lower in cost_of(hash).unwrap_or(cost)..cost {
        let _ = bcrypt::verify(password, decoy(lower).as_str());
    }
}

fn cost_of(hash: &PasswordHash) -> Option<u32> {
    Some(hash.as_str().parse::<bcrypt::HashParts>().ok()?.get_cost())
}

/// A well-formed hash that no password is known for: checking one against it takes as long as against a real one.
fn decoy(cost: u32) -> PasswordHash {
    PasswordHash::new(format!("$2b${cost:02}${}", ".".repeat(53)))
}

/// Lowers the priority of this thread alone, so that requests are answered while all cores hash. It works as well,
/// only less smoothly, where the system refuses.
#[cfg(target_os = "linux")]
fn yield_to_others() {
    let this = Some(rustix::thread::gettid());
    let lowered = rustix::process::getpriority_process(this)
        .and_then(|now| rustix::process::setpriority_process(this, now.saturating_add(10).min(19)));
    if let Err(error) = lowered {
        tracing::debug!(%error, "the priority of a hashing thread could not be lowered");
    }
}

/// Priorities of single threads are known on Linux only.
#[cfg(not(target_os = "linux"))]
const fn yield_to_others() {}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn options(threads: usize, queue: usize) -> BcryptOptions {
        BcryptOptions { cost: 4, threads: NonZeroUsize::new(threads).unwrap(), queue }
    }

    fn password(text: &str) -> Password {
        Password::parse(text.to_owned()).unwrap()
    }

    /// A hasher without threads: what is sent to it waits in the receiver.
    fn idle(queue: usize) -> (BcryptHasher, flume::Receiver<Job>) {
        let (sender, jobs) = flume::bounded(queue);
        (BcryptHasher { jobs: sender, cost: 4, decoy: decoy(4) }, jobs)
    }

    #[test]
    fn a_cost_that_bcrypt_does_not_have_is_refused() {
        for cost in [0, 3, 32] {
            let refused = BcryptHasher::new(BcryptOptions { cost, ..options(1, 1) });
            assert!(matches!(refused, Err(BcryptHasherError::Cost(found)) if found == cost));
        }
    }

    #[test]
    fn the_decoy_costs_as_much_as_a_real_hash() {
        for cost in [4, 10, 31] {
            let parts: bcrypt::HashParts = decoy(cost).as_str().parse().unwrap();
            assert_eq!(parts.get_cost(), cost);
        }
    }

    #[tokio::test]
    async fn hashes_have_the_cost_that_was_asked_for() {
        let hasher = BcryptHasher::new(BcryptOptions { cost: 5, ..options(1, 1) }).unwrap();
        let hash = hasher.hash(&password("correct horse")).await.unwrap();
        assert_eq!(hash.as_str().parse::<bcrypt::HashParts>().unwrap().get_cost(), 5);
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_is_outdated_and_still_verifies() {
        let old = BcryptHasher::new(options(1, 1)).unwrap().hash(&password("correct horse")).await.unwrap();
        let hasher = BcryptHasher::new(BcryptOptions { cost: 6, ..options(1, 1) }).unwrap();
        assert!(hasher.is_outdated(&old));
        assert!(hasher.verify(&password("correct horse"), Some(&old)).await.unwrap());
        assert!(!hasher.verify(&password("battery staple"), Some(&old)).await.unwrap());
        let new = hasher.hash(&password("correct horse")).await.unwrap();
        assert!(!hasher.is_outdated(&new));
        assert!(!hasher.is_outdated(&PasswordHash::new("no hash".to_owned())));
    }

    #[tokio::test]
    async fn hashes_of_other_implementations_are_accepted() {
        let hasher = BcryptHasher::new(options(1, 1)).unwrap();
        // From the test vectors of Openwall's crypt_blowfish.
        let foreign = PasswordHash::new("$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui".to_owned());
        let long = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        assert!(hasher.verify(&password(long), Some(&foreign)).await.unwrap());
        assert!(!hasher.verify(&password(&long[1..]), Some(&foreign)).await.unwrap());
    }

    #[tokio::test]
    async fn a_request_beyond_the_queue_is_refused_at_once() {
        let (hasher, jobs) = idle(1);
        let secret = password("correct horse");
        let mut waiting = Box::pin(hasher.verify(&secret, None));
        assert!((&mut waiting).now_or_never().is_none());
        let refused = hasher.hash(&secret).now_or_never().unwrap();
        assert!(matches!(refused, Err(HashError::Overloaded)));
        jobs.try_recv().unwrap().carry_out(4);
        assert!(!waiting.await.unwrap());
    }

    #[test]
    fn what_is_no_longer_waited_for_is_not_hashed() {
        let (hasher, jobs) = idle(2);
        let secret = password("correct horse");
        assert!(hasher.hash(&secret).now_or_never().is_none());
        assert!(hasher.verify(&secret, None).now_or_never().is_none());
        // At this cost a single one would take days.
        jobs.drain().for_each(|Job { password, task }| {
            let task = match task {
                Task::Verify(_, reply) => Task::Verify(decoy(31), reply),
                hash @ Task::Hash(_) => hash,
            };
            Job { password, task }.carry_out(31);
        });
    }

    #[test]
    fn the_threads_end_with_the_hasher() {
        let (hasher, threads) = start(options(3, 4)).unwrap();
        assert_eq!(threads.len(), 3);
        drop(hasher);
        for thread in threads {
            thread.join().unwrap();
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn only_the_hashing_thread_yields() {
        let nice = || rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap();
        let before = nice();
        let lowered = thread::spawn(move || {
            yield_to_others();
            nice()
        });
        assert_eq!(lowered.join().unwrap(), (before + 10).min(19));
        assert_eq!(nice(), before);
    }
}
