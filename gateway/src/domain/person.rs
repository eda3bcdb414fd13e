//! What people are to the control plane.

use crate::domain::operation::words;

words!(
    /// What a person may do.
    Role {
        /// Everything.
        Owner => "owner",
        /// Operate tenants and the fleet.
        Operator => "operator",
        /// Read.
        Viewer => "viewer",
        /// Read, for those who help tenants.
        Support => "support",
    }
);

words!(
    /// How far an account is.
    UserState {
        /// Nobody has accepted the invite.
        Invited => "invited",
        /// May log in.
        Active => "active",
        /// Shut out until somebody lets it in again.
        Disabled => "disabled",
    }
);

words!(
    /// What a link that is handed to a person is for.
    LinkKind {
        /// To accept an invite with a first password.
        Invite => "invite",
        /// To set another password.
        Reset => "reset",
    }
);
