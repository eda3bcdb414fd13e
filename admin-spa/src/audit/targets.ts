/** The page of what an entry is about (`kind:id`); null where there is none. */
export function pageOf(target: string | null): string | null {
  if (!target) return null;
  const colon = target.indexOf(":");
  const id = encodeURIComponent(target.slice(colon + 1));
  if (colon < 0 || !id) return null;
  switch (target.slice(0, colon)) {
    case "tenant":
      return `/tenants/${id}`;
    case "operation":
      return `/operations/${id}`;
    case "batch":
      return `/batches/${id}`;
    case "job":
      return `/jobs/${id}`;
    case "pool":
      return `/pools/${id}`;
    case "database_server":
      return `/database-servers/${id}`;
    case "plan":
      return `/plans/${id}`;
    case "api_key":
      return `/keys/${id}`;
    case "user":
      return `/users/${id}`;
    case "signup":
      return `/signups/${id}`;
    default:
      return null;
  }
}
