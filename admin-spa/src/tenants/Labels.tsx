import classes from "./Labels.module.css";

/** The labels of a tenant, each as name and value. */
export function Labels({ labels }: { labels: Readonly<Record<string, string>> }) {
  return (
    <span className={classes.labels}>
      {Object.entries(labels).map(([name, value]) => (
        <span key={name} className={classes.label} title={`${name}=${value}`}>
          {value === "" ? name : `${name}=${value}`}
        </span>
      ))}
    </span>
  );
}
