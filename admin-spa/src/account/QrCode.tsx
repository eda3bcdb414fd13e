import { encode } from "uqr";
import { accountText } from "./text";

/** Dark modules of a QR code as one path, a square of 1 by 1 each, behind a quiet zone of four as the standard asks. */
const QUIET = 4;

/** A text as a QR code, drawn here: it leaves the page for nobody. Always dark on light, which is what cameras read. */
export function QrCode({ value }: { value: string }) {
  const { data, size } = encode(value, { ecc: "M", border: QUIET });
  const path = data
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
  return (
    <svg
      viewBox={`0 0 ${size} ${size}`}
      width={208}
      height={208}
      role="img"
      aria-label={accountText.totp.qr}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
