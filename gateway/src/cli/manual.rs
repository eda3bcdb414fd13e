//! `gatewayctl man`

use std::io;
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::cli::arguments::Arguments;

/// Writes the pages of section 1: one for the program, and one for each of its commands.
///
/// # Errors
/// When the directory is not there or cannot be written.
pub(super) fn write(directory: &Path, date: &str) -> io::Result<()> {
    let mut command = Arguments::command();
    command.build();
    write_below(&command, directory, date)
}

fn write_below(command: &Command, directory: &Path, date: &str) -> io::Result<()> {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        write_below(below, directory, date)?;
    }
    let page = Man::new(command.clone()).section("1").date(date).manual("Gateway");
    page.source(concat!("Gateway ", env!("CARGO_PKG_VERSION"))).generate_to(directory)?;
    Ok(())
}
