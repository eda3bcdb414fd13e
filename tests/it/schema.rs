//! The control schema defends itself, and says the same as the domain.

use gateway::domain::batch::{BatchState, BatchVerb};
use gateway::domain::drift::{DriftKind, DriftRepair};
use gateway::domain::inspection::InspectionKind;
use gateway::domain::job::{JobKind, JobState};
use gateway::domain::key::RESERVED;
use gateway::domain::likeness::key_skeleton;
use gateway::domain::operation::{Action, OperationKind, StepState};
use gateway::domain::orphan::OrphanKind;
use gateway::domain::person::{LinkKind, Role};
use gateway::domain::plan::PlanNetwork;
use gateway::domain::pool::PoolState;
use gateway::domain::server::ServerState;
use gateway::domain::signup::SignupState;
use gateway::domain::status::Status;

use crate::support::run;
use crate::support::stack::Stack;

#[test]
fn the_transition_table_is_the_same_in_sql_and_in_the_domain() {
    run(async {
        let stack = Stack::shared().await;
        for from in Status::ALL {
            for to in Status::ALL.into_iter().filter(|to| *to != from) {
                let legal: bool = sqlx::query_scalar("SELECT gateway.is_legal_transition($1, $2)")
                    .bind(from.as_str())
                    .bind(to.as_str())
                    .fetch_one(&stack.control)
                    .await
                    .unwrap();
                assert_eq!(legal, from.may_become(to), "{from} to {to}");
            }
        }
    });
}

#[test]
fn the_words_of_the_constraints_are_those_of_the_domain() {
    run(async {
        let stack = Stack::shared().await;
        let words = |name: &'static str| {
            let control = stack.control.clone();
            async move {
                let text: String =
                    sqlx::query_scalar("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1")
                        .bind(name)
                        .fetch_one(&control)
                        .await
                        .unwrap();
                let mut words: Vec<String> = text.split('\'').skip(1).step_by(2).map(str::to_owned).collect();
                words.sort();
                words
            }
        };
        assert_eq!(words("tenant_key_not_reserved").await, RESERVED);
        let mut states: Vec<&str> = Status::ALL.iter().map(|status| status.as_str()).collect();
        states.sort_unstable();
        assert_eq!(words("tenant_status_known").await, states);
        let sorted = |mut words: Vec<&'static str>| {
            words.sort_unstable();
            words
        };
        macro_rules! words_of {
            ($type:ty) => {
                sorted(<$type>::ALL.iter().map(|word| word.as_str()).collect())
            };
        }
        assert_eq!(words("operation_kind_known").await, words_of!(OperationKind));
        assert_eq!(words("step_attempt_action_known").await, words_of!(Action));
        assert_eq!(words("step_attempt_state_known").await, words_of!(StepState));
        assert_eq!(words("batch_verb_known").await, words_of!(BatchVerb));
        assert_eq!(words("batch_state_known").await, words_of!(BatchState));
        assert_eq!(words("plan_network_known").await, words_of!(PlanNetwork));
        assert_eq!(words("shared_pool_state_known").await, words_of!(PoolState));
        assert_eq!(words("database_server_state_known").await, words_of!(ServerState));
        assert_eq!(words("job_kind_check").await, words_of!(JobKind));
        assert_eq!(words("job_state_check").await, words_of!(JobState));
        assert_eq!(words("signup_state_known").await, words_of!(SignupState));
        assert_eq!(words("orphan_kind_check").await, words_of!(OrphanKind));
        assert_eq!(words("inspection_kind_known").await, words_of!(InspectionKind));
        assert_eq!(words("inspection_state_known").await, words_of!(JobState));
        assert_eq!(words("drift_kind_known").await, words_of!(DriftKind));
        assert_eq!(words("drift_repair_known").await, words_of!(DriftRepair));
        assert_eq!(words("user_account_role_check").await, words_of!(Role));
        assert_eq!(words("user_link_kind_check").await, words_of!(LinkKind));
    });
}

#[test]
fn the_record_of_a_step_cannot_be_rewritten() {
    run(async {
        let stack = Stack::shared().await;
        let key = crate::support::unique_key("record");
        let id = stack.insert(&key, "Record").await;
        stack.settled(&key, &["active"]).await;
        for sql in [
            "UPDATE gateway.step_attempt SET state = 'failed' WHERE tenant_id = $1",
            "DELETE FROM gateway.step_attempt WHERE tenant_id = $1",
        ] {
            let error = sqlx::query(sql).bind(id).execute(&stack.control).await.expect_err(sql);
            assert_eq!(error.as_database_error().unwrap().constraint(), Some("step_attempt_append_only"));
        }
        let history: Vec<String> =
            sqlx::query_scalar("SELECT to_status FROM gateway.tenant_transition WHERE tenant_id = $1 ORDER BY id")
                .bind(id)
                .fetch_all(&stack.control)
                .await
                .unwrap();
        assert_eq!(history, ["pending", "provisioning", "active"]);
    });
}

#[test]
fn labels_and_notes_have_the_form_that_the_domain_demands() {
    run(async {
        let stack = Stack::shared().await;
        for (labels, fits) in [
            (r#"{}"#, true),
            (r#"{"plan": "gold", "team/a.b_c-d": ""}"#, true),
            (r#"[]"#, false),
            (r#""plan""#, false),
            (r#"{"plan": 1}"#, false),
            (r#"{"plan": null}"#, false),
            (r#"{"Plan": "gold"}"#, false),
            (r#"{"": "gold"}"#, false),
            (r#"{"plan-": "gold"}"#, false),
            (r#"{"plan": "a\nb"}"#, false),
        ] {
            let said: bool = sqlx::query_scalar("SELECT gateway.are_labels($1::jsonb)")
                .bind(labels)
                .fetch_one(&stack.control)
                .await
                .unwrap();
            assert_eq!(said, fits, "{labels}");
        }
        let long: String = "x".repeat(201);
        let said: bool = sqlx::query_scalar("SELECT gateway.are_labels(jsonb_build_object('plan', $1))")
            .bind(long)
            .fetch_one(&stack.control)
            .await
            .unwrap();
        assert!(!said);
    });
}

#[test]
fn signups_move_and_keys_look_alike_in_sql_as_in_the_domain() {
    run(async {
        let stack = Stack::shared().await;
        for from in SignupState::ALL {
            for to in SignupState::ALL {
                let legal: bool = sqlx::query_scalar("SELECT gateway.is_legal_signup_move($1, $2)")
                    .bind(from.as_str())
                    .bind(to.as_str())
                    .fetch_one(&stack.control)
                    .await
                    .unwrap();
                assert_eq!(legal, from.may_become(*to), "{from} to {to}");
            }
        }
        for key in ["acme", "rnvv01i", "rrnn", "vvv", "vvvv", "rn-vv-10", "irnlvo", "wm", "42"] {
            let said: String = sqlx::query_scalar("SELECT gateway.key_skeleton($1)")
                .bind(key)
                .fetch_one(&stack.control)
                .await
                .unwrap();
            assert_eq!(said, key_skeleton(key), "{key}");
        }
    });
}
