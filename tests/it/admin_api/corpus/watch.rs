//! Sees what the program under test logs.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing_subscriber::filter::LevelFilter;

/// The lines so far.
#[derive(Clone, Default)]
pub(in crate::admin_api) struct Watch(Arc<Mutex<Vec<u8>>>);

impl Watch {
    /// Begins to watch for what is above INFO; once in a process.
    pub(super) fn begin() -> Self {
        Self::begin_at(LevelFilter::WARN)
    }

    /// Begins to watch from a level on; once in a process.
    pub(in crate::admin_api) fn begin_at(level: LevelFilter) -> Self {
        let watch = Self::default();
        let writer = watch.clone();
        tracing_subscriber::fmt().with_max_level(level).with_ansi(false).with_writer(move || writer.clone()).init();
        watch
    }

    /// What was logged.
    pub(in crate::admin_api) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    pub(super) fn assert_silent(&self) {
        assert_eq!(self.text(), "");
    }
}

impl Write for Watch {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
