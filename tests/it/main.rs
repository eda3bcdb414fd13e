//! One integration binary: link time is paid once. `make test` starts the stack it talks to.

mod architecture;
