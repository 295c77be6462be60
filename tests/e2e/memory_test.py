"""Memory does not grow with the tenant: a million users and two million direct grants, and half of it."""

import json
import unittest

import support

MIB = 1 << 20


class Memory(support.Case):

    def peak(self, users, groups):
        """Peak resident bytes of collecting that many users, and groups of a hundred members."""
        tenant = self.tenant("--users", str(users), "--groups", str(groups), "--members", "100", "--nesting", "0",
                             "--roles", "0", "--role-users", "0", "--assignments", "0", "--apps", "0")
        summary = self.path(f"summary-{users}")
        demo = self.start(tenant, "--expansion", "off", "--summary-json", summary, file=f"{users}.c1z")
        outcome = demo.wait(900)
        self.assertEqual(outcome.code, 0, outcome)
        with open(summary, encoding="utf-8") as file:
            facts = json.load(file)
        self.assertEqual(facts["grants"], groups * 100)
        print(f"{users:,} users, {groups * 100:,} grants: collect {facts['collect_ns'] / 1e9:.1f} s, peak "
              f"{facts['peak_after_collect'] / MIB:.0f} MiB; after the export {facts['peak_after_export'] / MIB:.0f} MiB")
        return facts["peak_after_collect"]

    @unittest.skipUnless(support.SOAK, "long")
    def test_a_million_users(self):
        half = self.peak(500_000, 10_000)
        whole = self.peak(1_000_000, 20_000)
        self.assertLessEqual(whole, 300 * MIB)
        self.assertLessEqual(abs(whole - half) / half, 0.15)

    def test_a_tenth_of_that(self):
        self.assertLessEqual(self.peak(50_000, 1_000), 300 * MIB)


if __name__ == "__main__":
    support.main()
