"""The content of a file depends on the service alone: not on how many lists are read at once, nor on timing."""

import support


class Determinism(support.Case):

    def digests(self, tenant, workers, rounds):
        found = set()
        for count in workers:
            for turn in range(rounds):
                file = f"{count}-{turn}.c1z"
                self.sync(tenant, "--workers", str(count), file=file)
                found.add(self.digest(file))
        return found

    def test_any_number_of_workers_three_times_each(self):
        tenant = self.tenant(*support.SMALL)
        self.assertEqual(len(self.digests(tenant, (1, 4, 16), 3)), 1)

    def test_automatic_workers_and_one(self):
        tenant = self.tenant(*support.SMALL)
        self.assertEqual(len(self.digests(tenant, (-1, 0, 64), 1)), 1)

    def test_answers_in_any_order(self):
        plain = self.tenant(*support.SMALL)
        jittery = self.tenant(*support.SMALL, "--latency", "1ms", "--jitter", "15ms")
        found = self.digests(jittery, (4, 16), 3)
        found |= self.digests(plain, (1,), 1)
        self.assertEqual(len(found), 1)

    def test_groups_in_loops(self):
        tenant = self.tenant(*support.SMALL, "--cycles", "0.5", "--jitter", "5ms")
        self.assertEqual(len(self.digests(tenant, (1, 4, 16), 2)), 1)

    def test_workload_s(self):
        tenant = self.tenant("--workload", "S")
        rounds = 3 if support.SOAK else 1
        self.assertEqual(len(self.digests(tenant, (1, 16), rounds)), 1)

    def test_another_directory_has_another_digest(self):
        found = set()
        for seed in ("1", "2", "3"):
            tenant = self.tenant(*support.SMALL, "--seed", seed)
            self.sync(tenant, file=seed + ".c1z")
            found.add(self.digest(seed + ".c1z"))
        self.assertEqual(len(found), 3)


if __name__ == "__main__":
    support.main()
