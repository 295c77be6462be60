"""A service may page as it likes: the file is the same."""

import json
import unittest

import support


class Paging(support.Case):

    def test_every_way_of_paging_gives_the_same_file(self):
        self.sync(self.tenant(*support.SMALL), file="cursor.c1z")
        for paging in ("offset", "link"):
            tenant = self.tenant(*support.SMALL, "--paging", paging, log=self.path(f"requests-{paging}"))
            self.sync(tenant, "--paging", paging, file=f"{paging}.c1z")
            self.assertEqual(self.digest(f"{paging}.c1z"), self.digest("cursor.c1z"))
            targets = [target for _, target, _, _ in tenant.requests() if target != "/v1/ping"]
            self.assertEqual(len(targets), len(set(targets)), "a page was asked for twice")

    def test_pages_by_offset_are_asked_for_side_by_side(self):
        tenant = self.tenant("--users", "400", "--groups", "1", "--members", "0", "--roles", "1", "--assignments", "1",
                             "--page-size", "10", "--paging", "offset", "--latency", "100ms")
        self.sync(tenant, "--paging", "offset")
        # 39 pages of users are known once the first is there.
        self.assertGreaterEqual(tenant.counters()["requests"]["most_in_flight"], 10)

    @unittest.skipUnless(support.SOAK, "long")
    def test_bar(self):
        """Workload S at 50 ms with 64 cursors: with siblings at most 1.5 s."""
        tenant = self.tenant("--workload", "S", "--paging", "offset", "--latency", "50ms")
        times = []
        for _ in range(3):
            self.sync(tenant, "--paging", "offset", "--workers", "64", "--expansion", "off",
                      "--summary-json", self.path("summary"))
            times.append(json.loads(self.read("summary"))["collect_ns"] / 1e9)
        print("collect:", ", ".join(f"{time:.2f} s" for time in times))
        self.assertLessEqual(sorted(times)[1], 1.5)


if __name__ == "__main__":
    support.main()
