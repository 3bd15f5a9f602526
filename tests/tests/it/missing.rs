//! What stands for the tests of an engine that is not installed here, so that nobody takes them for passed.

#[test]
#[cfg(not(has_mariadb))]
#[ignore = "needs MariaDB: apt-get install -y mariadb-server"]
fn on_mariadb() {
    unreachable!("they are compiled where MariaDB is installed");
}

#[test]
#[cfg(not(has_postgres))]
#[ignore = "needs PostgreSQL: apt-get install -y postgresql"]
fn on_postgres() {
    unreachable!("they are compiled where PostgreSQL is installed");
}
