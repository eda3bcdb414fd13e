import { describe, expect, test } from "vitest";
import { type Frame, readFrames } from "../src/live/frames";
import { Subjects } from "../src/live/subjects";

const read = (...pieces: string[]): Frame[] => {
  const frames: Frame[] = [];
  const take = readFrames((frame) => frames.push(frame));
  for (const piece of pieces) take(piece);
  return frames;
};

describe("server-sent events", () => {
  const whole = 'id: 7\nevent: tenant.failed\ndata: {"a":1}\n\n';
  const frame = { event: "tenant.failed", data: '{"a":1}', id: "7" };

  test("are read whole, comments are nobody's", () => {
    expect(read(`retry: 2000\n\n: still here\n\n${whole}`)).toEqual([frame]);
  });

  test("may be cut anywhere", () => {
    for (let cut = 0; cut <= whole.length; cut += 1) {
      expect(read(whole.slice(0, cut), whole.slice(cut))).toEqual([frame]);
    }
  });

  test("may have any kind of line end, also cut in its middle", () => {
    const lines = whole.replaceAll("\n", "\r\n");
    for (let cut = 0; cut <= lines.length; cut += 1) {
      expect(read(lines.slice(0, cut), lines.slice(cut), ": end\r\n")).toEqual([frame]);
    }
  });

  test("of several lines are joined, and keep the id of the one before", () => {
    expect(read("id: 3\ndata: a\ndata: b\n\ndata: c\n\n")).toEqual([
      { event: "message", data: "a\nb", id: "3" },
      { event: "message", data: "c", id: "3" },
    ]);
  });
});

describe("what an event means for what is shown", () => {
  const event = { kind: "tenant.failed", tenant_id: "id-1", tenant_key: "acme", operation_id: null } as const;
  const about = (...events: Parameters<Subjects["add"]>[0][]) => {
    const subjects = new Subjects();
    for (const one of events) subjects.add(one);
    return subjects;
  };

  test("lists of its noun are read again, those of others are not", () => {
    const subjects = about(event);
    expect(subjects.touch(["tenants", "list", {}])).toBe(true);
    expect(subjects.touch(["audit", "list"])).toBe(true);
    expect(subjects.touch(["keys", "list"])).toBe(false);
    expect(subjects.touch(["me"])).toBe(false);
  });

  test("of one tenant only that one is read again, by key or id", () => {
    const subjects = about(event);
    expect(subjects.touch(["tenants", "one", "acme"])).toBe(true);
    expect(subjects.touch(["tenants", "one", "id-1", "drift"])).toBe(true);
    expect(subjects.touch(["tenants", "one", "globex"])).toBe(false);
  });

  test("several events are answered by one reading", () => {
    const subjects = about(event, { ...event, kind: "api_key.revoked", tenant_id: null, tenant_key: null });
    expect(subjects.touch(["keys", "one", "k"])).toBe(true);
    expect(subjects.touch(["tenants", "one", "acme"])).toBe(true);
  });
});
