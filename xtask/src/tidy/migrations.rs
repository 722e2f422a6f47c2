use std::collections::BTreeSet;

use super::tree::Tree;

const POSTGRES: &str = "migrations/postgres/";
const SQLITE: &str = "migrations/sqlite/";

/// Migrations of the records that only one of the databases has.
pub(super) fn unequal(tree: &Tree) -> Vec<String> {
    let (postgres, sqlite) = (files(tree, POSTGRES), files(tree, SQLITE));
    let missing = |here: &BTreeSet<&str>, there: &BTreeSet<&str>, folder: &str| -> Vec<String> {
        here.difference(there).map(|path| format!("{folder}{path} is missing: the other database has it")).collect()
    };
    [missing(&postgres, &sqlite, SQLITE), missing(&sqlite, &postgres, POSTGRES)].concat()
}

fn files<'a>(tree: &'a Tree, folder: &str) -> BTreeSet<&'a str> {
    tree.files.iter().filter_map(|file| file.path.strip_prefix(folder)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_migration_that_one_database_lacks_is_a_problem() {
        let equal = [("migrations/postgres/1_users/up.sql", ""), ("migrations/sqlite/1_users/up.sql", "")];
        assert!(unequal(&Tree::of(&equal)).is_empty());
        let renamed = [("migrations/postgres/1_users/up.sql", ""), ("migrations/sqlite/1_accounts/up.sql", "")];
        assert_eq!(unequal(&Tree::of(&renamed)).len(), 2);
    }
}
