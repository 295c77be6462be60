#include "tenant/faults.hpp"

#include <algorithm>
#include <utility>

#include "tenant/text.hpp"

namespace tenant {
namespace {

constexpr std::size_t kMostEntries = 64;

absl::Status bad_entry(std::string_view entry, const char* why) {
  std::string message = "--faults: \"";
  message.append(entry.substr(0, 80)).append("\": ").append(why);
  return absl::InvalidArgumentError(absl::string_view(message.data(), message.size()));
}

bool parse_fault(std::string_view name, Fault& fault) {
  fault.name = std::string(name);
  if (name == "reset") {
    fault.kind = Fault::Kind::kReset;
  } else if (name == "truncate") {
    fault.kind = Fault::Kind::kTruncate;
  } else if (name == "malformed") {
    fault.kind = Fault::Kind::kMalformed;
  } else if (name == "endless") {
    fault.kind = Fault::Kind::kEndless;
  } else if (name == "slow") {
    fault.kind = Fault::Kind::kSlow;
  } else {
    const bool silent = name == "429-noretry";
    const auto status = parse_number(silent ? name.substr(0, 3) : name);
    if (!status || *status < 400 || *status > 599) return false;
    fault.kind = Fault::Kind::kAnswer;
    fault.status = static_cast<int>(*status);
    fault.retry_after = fault.status == 429 && !silent;
  }
  return true;
}

}  // namespace

absl::StatusOr<FaultSchedule::Entry> FaultSchedule::parse_entry(std::string_view text) {
  Entry entry;
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return bad_entry(text, "expected fault@rule:N");
  if (!parse_fault(text.substr(0, at), entry.fault))
    return bad_entry(text, "a fault is 400 to 599, 429-noretry, reset, truncate, malformed, endless or slow");
  std::string_view where = text.substr(at + 1);
  // The number and the rule are the last two fields; a path in front of them may contain colons.
  const std::size_t colon = where.rfind(':');
  if (colon == std::string_view::npos) return bad_entry(text, "expected fault@rule:N");
  const auto n = parse_number(where.substr(colon + 1));
  if (!n || *n == 0) return bad_entry(text, "the number of a rule counts from 1");
  entry.n = *n;
  where = where.substr(0, colon);
  if (where.starts_with("path:")) {
    const std::size_t end = where.rfind(':');
    std::string_view path = where.substr(5, end < 5 ? 0 : end - 5);
    if (!path.starts_with('/')) return bad_entry(text, "expected fault@path:/PATH:rule:N");
    entry.prefix = path.ends_with('*');
    if (entry.prefix) path.remove_suffix(1);
    entry.path = std::string(path);
    where = where.substr(end + 1);
  }
  if (where == "every") {
    entry.rule = Rule::kEvery;
  } else if (where == "at") {
    entry.rule = Rule::kAt;
  } else if (where == "first") {
    entry.rule = Rule::kFirst;
  } else {
    return bad_entry(text, "a rule is every:N, at:N or first:N");
  }
  return entry;
}

absl::StatusOr<FaultSchedule> FaultSchedule::parse(std::string_view text) {
  FaultSchedule schedule;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    if (schedule.entries_.size() == kMostEntries) return bad_entry(part, "too many entries");
    auto entry = parse_entry(part);
    if (!entry.ok()) return entry.status();
    schedule.entries_.push_back(*std::move(entry));
  }
  return schedule;
}

const Fault* FaultSchedule::next(std::string_view path) {
  const Fault* hit = nullptr;
  for (Entry& entry : entries_) {
    if (entry.prefix ? !path.starts_with(entry.path) : !entry.path.empty() && path != entry.path) continue;
    ++entry.seen;
    switch (entry.rule) {
      case Rule::kEvery:
        entry.due += entry.seen % entry.n == 0;
        break;
      case Rule::kAt:
        entry.due += entry.seen == entry.n;
        break;
      case Rule::kFirst:
        entry.due += entry.seen <= entry.n;
        break;
    }
    if (hit == nullptr && entry.due > 0) {
      --entry.due;
      hit = &entry.fault;
    }
  }
  return hit;
}

void FaultSchedule::reset() {
  for (Entry& entry : entries_) entry.seen = entry.due = 0;
}

}  // namespace tenant
