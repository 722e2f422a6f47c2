use anyhow::{Context as _, Result, ensure};
use storage_hub_core::acl::{Access, Entries, Grant, GrantSet, Subject, authorize};

/// Number of decisions per round, half of them allowed.
pub const ROUND: usize = 20;

/// The subjects with grants and the resources with entries on which all three engines decide.
#[derive(Debug)]
pub struct World {
    /// Indexed by number; the names are [`user`].
    pub subjects: Vec<Subject>,
    /// Indexed by number; the names are [`document`].
    pub resources: Vec<Entries>,
}

/// Ten grants and ten entries, from a number of grants that makes about half of the decisions allowed.
pub const TEN_BY_TEN: Size = Size { subjects: 200, resources: 1, grants: 10, entries: 10, pool: 130 };

/// The size of a world.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Number of subjects.
    pub subjects: usize,
    /// Number of resources.
    pub resources: usize,
    /// Number of grants of each subject.
    pub grants: usize,
    /// Number of entries of each resource.
    pub entries: usize,
    /// Number of different grants.
    pub pool: usize,
}

impl World {
    /// Generates a world of this size, the same for the same seed.
    ///
    /// # Errors
    /// When there are fewer grants than a subject or a resource needs.
    pub fn generate(size: &Size, seed: u64) -> Result<Self> {
        ensure!(size.grants.max(size.entries) <= size.pool, "the pool is too small");
        let mut random = Random(seed);
        let mut subjects = Vec::new();
        for _ in 0..size.subjects {
            let mut own = GrantSet::default();
            while own.len() < size.grants {
                own.insert(team(random.below(size.pool))?);
            }
            subjects.push(Subject::new(&own, None));
        }
        let mut resources = Vec::new();
        for _ in 0..size.resources {
            let mut entries = Entries::default();
            while entries.iter().len() < size.entries {
                let access = Access::ALL.get(random.below(3)).copied().unwrap_or(Access::Read);
                entries.set(team(random.below(size.pool))?, access);
            }
            resources.push(entries);
        }
        Ok(Self { subjects, resources })
    }

    /// All pairs of subject and resource, shuffled.
    pub fn pairs(&self, seed: u64) -> Vec<(usize, usize)> {
        let resources = 0..self.resources.len();
        let mut pairs: Vec<_> =
            (0..self.subjects.len()).flat_map(|subject| resources.clone().map(move |r| (subject, r))).collect();
        let mut random = Random(seed);
        for last in (1..pairs.len()).rev() {
            pairs.swap(last, random.below(last + 1));
        }
        pairs
    }

    /// Alternates allowed and refused pairs.
    ///
    /// # Errors
    /// When there are not enough of one kind.
    pub fn round(&self, wanted: Access) -> Result<Vec<(usize, usize)>> {
        let (mut yes, mut no) = (Vec::new(), Vec::new());
        for (subject, resource) in self.pairs(7) {
            let side = if self.allows(subject, resource, wanted)? { &mut yes } else { &mut no };
            if side.len() < ROUND / 2 {
                side.push((subject, resource));
            }
        }
        ensure!(yes.len() + no.len() == ROUND, "{} times yes, {} times no", yes.len(), no.len());
        Ok(yes.into_iter().zip(no).flat_map(|(yes, no)| [yes, no]).collect())
    }

    /// Decides by the ACL.
    ///
    /// # Errors
    /// When the subject or the resource does not exist.
    pub fn allows(&self, subject: usize, resource: usize, wanted: Access) -> Result<bool> {
        let subject = self.subjects.get(subject).context("no such subject")?;
        let entries = self.resources.get(resource).context("no such resource")?;
        Ok(authorize(subject, entries, wanted).is_allowed())
    }

    /// The grants whose entries give enough access, with the number of their resource.
    pub fn sufficient(&self, wanted: Access) -> impl Iterator<Item = (&Grant, usize)> {
        self.resources.iter().enumerate().flat_map(move |(number, entries)| {
            entries.iter().filter(move |(_, access)| **access >= wanted).map(move |(grant, _)| (grant, number))
        })
    }
}

/// The name of a subject.
pub fn user(number: usize) -> String {
    format!("user-{number}")
}

/// The name of a resource.
pub fn document(number: usize) -> String {
    format!("document-{number}")
}

fn team(number: usize) -> Result<Grant> {
    Ok(Grant::parse(format!("team-{number:03}"))?)
}

/// Pseudo-random numbers (splitmix64), the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let top = (mixed ^ (mixed >> 31)) >> 33;
        top as usize % end.max(1)
    }
}
