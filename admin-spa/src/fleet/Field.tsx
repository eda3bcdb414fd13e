import { TextInput } from "@mantine/core";

interface FieldProps<Name extends string> {
  of: {
    values: Readonly<Record<Name, string>>;
    set: (name: Name, value: string) => void;
    faultOf: (name: Name) => string | undefined;
  };
  name: Name;
  label: string;
  hint?: string;
  required?: boolean;
  /** Shown behind the field: "MiB", "s". */
  unit?: string;
  numeric?: boolean;
  mono?: boolean;
}

/** One line of a form, bound to `useForm`. */
export function Field<Name extends string>({
  of,
  name,
  label,
  hint,
  required,
  unit,
  numeric,
  mono,
}: FieldProps<Name>) {
  return (
    <TextInput
      label={unit ? `${label} (${unit})` : label}
      {...(hint ? { description: hint } : {})}
      name={name}
      required={required ?? false}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      inputMode={numeric ? "decimal" : "text"}
      value={of.values[name]}
      onChange={(event) => of.set(name, event.currentTarget.value)}
      error={of.faultOf(name)}
      maw={numeric ? "14rem" : "none"}
      {...(mono ? { styles: { input: { fontFamily: "var(--mantine-font-family-monospace)" } } } : {})}
    />
  );
}
