#include "sync/invariants.hpp"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_facts.hpp"

namespace baton::sync {
namespace {

/// Examples in one line; a line with all 25 would be read by nobody.
constexpr std::size_t kShown = 3;

std::string examples_of(const std::vector<std::string>& examples, std::uint64_t count) {
  std::string text;
  for (std::size_t i = 0; i < examples.size() && i < kShown; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : "; ", examples[i]);
  }
  if (count > kShown) absl::StrAppend(&text, "; and ", count - kShown, " more");
  return text;
}

std::string describe(const char* id, const char* what, const DanglingRows& rows) {
  std::string text = absl::StrCat(id, ": ", rows.count, " ", what);
  if (rows.unsynced_type == rows.count) {
    text += ", all of types that this sync does not have";
  } else if (rows.unsynced_type == 0) {
    text += ", of synced types: the connector's listings never return them";
  } else {
    absl::StrAppend(&text, ", ", rows.unsynced_type, " of types that this sync does not have, ",
                    rows.count - rows.unsynced_type, " of synced types");
  }
  return absl::StrCat(text, " (", examples_of(rows.examples, rows.count), ")");
}

/// Collects lines as what they are worth.
class Judge {
 public:
  Judge(bool fail_fast, InvariantVerdict& verdict) : fail_fast_(fail_fast), verdict_(verdict) {}

  void hard(const std::string& line) {
    if (!verdict_.violation.ok()) return;
    verdict_.violation = absl::FailedPreconditionError(
        absl::StrCat("ingest invariant violated: ", line,
                     ". What was collected is kept and cannot be sealed; start over with --restart once the "
                     "connector is corrected"));
    set_retryable(verdict_.violation, false);
  }
  void soft(std::string line) {
    if (fail_fast_) {
      hard(line);
    } else {
      verdict_.warnings.push_back(std::move(line));
    }
  }
  void covered(const char* id) { verdict_.coverage.emplace_back(id); }

 private:
  bool fail_fast_;
  InvariantVerdict& verdict_;
};

}  // namespace

InvariantChecks invariant_checks(const SyncOptions& options) {
  InvariantChecks checks;
  checks.references = options.is_full();
  checks.child_listings = options.strict_invariants;
  return checks;
}

InvariantVerdict judge_invariants(const InvariantFindings& findings, const SyncOptions& options) {
  InvariantVerdict verdict;
  verdict.mode = options.strict_invariants ? "connector_fail_fast" : "connector";
  const InvariantChecks checks = invariant_checks(options);
  Judge judge(options.strict_invariants, verdict);
  judge.covered("I5");
  if (!findings.exclusion_groups.empty()) {
    judge.hard(absl::StrCat("I5: ", findings.exclusion_groups.size(), " exclusion groups break a rule (",
                            examples_of(findings.exclusion_groups, findings.exclusion_groups.size()), ")"));
  }
  judge.covered("I10");
  if (findings.open_cursors > 0) {
    judge.hard(absl::StrCat("I10: ", findings.open_cursors, " lists were not read to their end"));
  }
  if (checks.child_listings) {
    judge.covered("I4");
    if (findings.child_listings.count > 0) {
      judge.hard(describe("I4", "child listings were never asked for", findings.child_listings));
    }
  }
  if (!checks.references) return verdict;
  const auto warn = [&judge](const char* id, const char* what, const DanglingRows& rows) {
    if (rows.count > 0) judge.soft(describe(id, what, rows));
  };
  judge.covered("I7");
  warn("I7", "entitlements are on resources that have no row", findings.entitlement_resources);
  judge.covered("I3");
  if (findings.inserted_grant_resources.count > 0) {
    judge.hard(describe("I3", "grants that should have brought their resource with them lack it",
                        findings.inserted_grant_resources));
  }
  warn("I3", "grants are on resources that have no row", findings.grant_resources);
  judge.covered("I8");
  warn("I8", "grants are of entitlements that have no row", findings.grant_entitlements);
  judge.covered("I9");
  warn("I9", "grants are to principals that have no row", findings.grant_principals);
  return verdict;
}

}  // namespace baton::sync
