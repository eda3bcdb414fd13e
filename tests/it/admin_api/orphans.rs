//! `GET /api/gateway/orphans`

use serde_json::json;

use super::with_api;

const PATH: &str = "/api/gateway/orphans";

#[test]
fn orphans_are_listed_in_order_page_by_page() {
    with_api(|api| async move {
        assert_eq!(api.call("GET", PATH).await.body, json!({ "items": [], "next_cursor": null }));
        let mut database = api.database().await;
        for (kind, place, name) in [
            ("role", "default", "t_2_app"),
            ("database", "default", "t_2"),
            ("network", "docker", "t_1"),
            ("network", "docker", "t_0"),
        ] {
            sqlx::query("INSERT INTO gateway.orphan (kind, place, name, detail) VALUES ($1, $2, $3, '{\"size\": 7}')")
                .bind(kind)
                .bind(place)
                .bind(name)
                .execute(&mut database)
                .await
                .unwrap();
        }
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = api.call("GET", &format!("{PATH}?limit=3{cursor}")).await.body;
            seen.extend(page["items"].as_array().unwrap().clone());
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        let names: Vec<&str> = seen.iter().map(|orphan| orphan["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["t_2", "t_0", "t_1", "t_2_app"]);
        assert_eq!((&seen[0]["kind"], &seen[0]["detail"]), (&json!("database"), &json!({ "size": 7 })));
        assert!(seen[0]["first_seen_at"].is_string() && seen[0]["condemned_at"].is_null());
        let refused = api.call("GET", &format!("{PATH}?limit=0&cursor=x&y=1")).await;
        assert_eq!(refused.wrong(), [("/limit", "range"), ("/cursor", "cursor"), ("/y", "unknown")]);
    });
}
