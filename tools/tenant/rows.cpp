#include "tenant/rows.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cstring>

#include "tenant/text.hpp"

namespace tenant {
namespace {

// No row is longer: at most eight words of the tables (escaped, under 64 bytes each), four ids and the keys.
constexpr std::size_t kLongestRow = 1024;
constexpr std::size_t kLongestWord = 64;

template <std::size_t N>
char* put(char* out, const char (&literal)[N]) {
  std::memcpy(out, literal, N - 1);
  return out + N - 1;
}

char* put(char* out, std::string_view text) {
  return std::copy(text.begin(), text.end(), out);
}

char* put_number(char* out, std::uint64_t number) {
  char digits[20];
  char* first = digits + sizeof digits;
  do {
    *--first = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  return put(out, std::string_view(first, static_cast<std::size_t>(digits + sizeof digits - first)));
}

char* put_two(char* out, unsigned number) {
  out[0] = static_cast<char>('0' + number / 10);
  out[1] = static_cast<char>('0' + number % 10);
  return out + 2;
}

// RFC 3339 in UTC; years 1000 to 9999.
char* put_time(char* out, std::int64_t seconds) {
  const std::int64_t day = seconds / 86'400;
  const auto second = static_cast<unsigned>(seconds % 86'400);
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  out = put_two(out, year / 100);
  out = put_two(out, year % 100);
  *out++ = '-';
  out = put_two(out, static_cast<unsigned>(date.month()));
  *out++ = '-';
  out = put_two(out, static_cast<unsigned>(date.day()));
  *out++ = 'T';
  out = put_two(out, second / 3600);
  *out++ = ':';
  out = put_two(out, second / 60 % 60);
  *out++ = ':';
  out = put_two(out, second % 60);
  *out++ = 'Z';
  return out;
}

template <std::size_t N>
std::array<std::string, N> escape_all(const std::string_view (&words)[N]) {
  std::array<std::string, N> out;
  for (std::size_t i = 0; i < N; ++i) {
    out[i] = json_escape(words[i]);
    assert(out[i].size() <= kLongestWord);
  }
  return out;
}

std::array<std::string, kNameCount> escape_names(const Name (&names)[kNameCount]) {
  std::array<std::string, kNameCount> out;
  for (std::size_t i = 0; i < kNameCount; ++i) {
    out[i] = json_escape(names[i].text);
    assert(out[i].size() <= kLongestWord && names[i].ascii.size() <= kLongestWord);
  }
  return out;
}

}  // namespace

RowWriter::RowWriter(const Directory& directory)
    : directory_(directory),
      user_ids_('u', 6, directory.count(Kind::kUsers)),
      group_ids_('g', 5, directory.count(Kind::kGroups)),
      role_ids_('r', 3, directory.count(Kind::kRoles)),
      app_ids_('a', 2, directory.count(Kind::kApps)),
      first_names_(escape_names(kFirstNames)),
      last_names_(escape_names(kLastNames)),
      departments_(escape_all(kDepartments)),
      titles_(escape_all(kTitles)),
      adjectives_(escape_all(kAdjectives)),
      teams_(escape_all(kTeams)),
      duties_(escape_all(kDuties)),
      products_(escape_all(kProducts)),
      sentences_(escape_all(kSentences)) {}

char* RowWriter::write_user(char* out, std::uint64_t index) const {
  const UserFacts facts = directory_.user(index);
  // The login is plain ASCII and ends in the row's number, which makes it unique.
  char login[2 * kLongestWord + 24];
  char* end = put(login, kFirstNames[facts.first_name].ascii);
  *end++ = '.';
  end = put(end, kLastNames[facts.last_name].ascii);
  *end++ = '.';
  end = put_number(end, index);
  const std::string_view login_text(login, static_cast<std::size_t>(end - login));

  out = put(out, "{\"id\":\"u-");
  out = user_ids_.write_digits(out, index);
  out = put(out, "\",\"login\":\"");
  out = put(out, login_text);
  out = put(out, "\",\"email\":\"");
  out = put(out, login_text);
  out = put(out, "@tenant.example\",\"first_name\":\"");
  out = put(out, first_names_[facts.first_name]);
  out = put(out, "\",\"last_name\":\"");
  out = put(out, last_names_[facts.last_name]);
  out = put(out, "\",\"department\":\"");
  out = put(out, departments_[facts.department]);
  out = put(out, "\",\"title\":\"");
  out = put(out, titles_[facts.title]);
  out = facts.disabled ? put(out, "\",\"status\":\"disabled") : put(out, "\",\"status\":\"active");
  out = facts.service ? put(out, "\",\"type\":\"service") : put(out, "\",\"type\":\"human");
  out = put(out, "\",\"created_at\":\"");
  out = put_time(out, facts.created);
  out = put(out, "\",\"last_login\":\"");
  out = put_time(out, facts.last_login);
  return put(out, "\"}");
}

char* RowWriter::write_group(char* out, std::uint64_t index) const {
  const std::uint64_t words = directory_.group_words(index);
  out = put(out, "{\"id\":\"");
  out = group_ids_.write(out, index);
  out = put(out, "\",\"name\":\"");
  out = put(out, adjectives_[words % kWordCount]);
  *out++ = ' ';
  out = put(out, teams_[(words >> 8) % kWordCount]);
  *out++ = ' ';
  out = put_number(out, index);
  out = put(out, "\",\"description\":\"");
  out = put(out, sentences_[(words >> 16) % kWordCount]);
  return put(out, "\"}");
}

char* RowWriter::write_role(char* out, std::uint64_t index) const {
  const std::uint64_t words = directory_.role_words(index);
  out = put(out, "{\"id\":\"");
  out = role_ids_.write(out, index);
  out = put(out, "\",\"name\":\"");
  out = put(out, adjectives_[words % kWordCount]);
  *out++ = ' ';
  out = put(out, duties_[(words >> 8) % kWordCount]);
  *out++ = ' ';
  out = put_number(out, index);
  out = put(out, "\",\"app\":\"");
  out = app_ids_.write(out, directory_.app_of_role(index));
  return put(out, "\"}");
}

char* RowWriter::write_app(char* out, std::uint64_t index) const {
  out = put(out, "{\"id\":\"");
  out = app_ids_.write(out, index);
  out = put(out, "\",\"name\":\"");
  // The last product, which is not plain ASCII, comes first so that even one app shows it.
  out = put(out, products_[kWordCount - 1 - index % kWordCount]);
  *out++ = ' ';
  out = put_number(out, index);
  return put(out, "\"}");
}

void RowWriter::write(Kind kind, std::uint64_t begin, std::uint64_t end, char separator,
                      JsonBuffer& out) const {
  for (std::uint64_t i = begin; i < end; ++i) {
    char* at = out.reserve(kLongestRow);
    switch (kind) {
      case Kind::kUsers:
        at = write_user(at, i);
        break;
      case Kind::kGroups:
        at = write_group(at, i);
        break;
      case Kind::kRoles:
        at = write_role(at, i);
        break;
      case Kind::kApps:
        at = write_app(at, i);
        break;
      // Members and assignments have owners: they are written from a list.
      case Kind::kMembers:
      case Kind::kAssignments:
        return;
    }
    *at++ = separator;
    out.commit(at);
  }
}

void RowWriter::write(const PrincipalList& list, std::uint64_t begin, std::uint64_t end,
                      std::string_view owner, char separator, JsonBuffer& out) const {
  std::uint64_t walk_begin = 0;
  for (const Walk& walk : list.walks()) {
    const std::uint64_t walk_end = walk_begin + walk.count;
    const std::uint64_t from = std::max(begin, walk_begin);
    const std::uint64_t to = std::min(end, walk_end);
    if (from < to) {
      // All rows of a walk differ in their digits only.
      char head[kLongestRow / 4];
      char* head_end = put(head, "{");
      head_end = put(head_end, owner.substr(0, kLongestRow / 8));
      head_end = walk.groups ? put(head_end, "\"type\":\"group\",\"id\":\"g-")
                             : put(head_end, "\"type\":\"user\",\"id\":\"u-");
      const auto head_size = static_cast<std::size_t>(head_end - head);
      const IdFormat& ids = walk.groups ? group_ids_ : user_ids_;
      const std::size_t row_size = head_size + static_cast<std::size_t>(ids.size()) + 1;
      char* at = out.reserve((to - from) * row_size);
      std::uint64_t index = walk.at(from - walk_begin);
      for (std::uint64_t i = from; i < to; ++i) {
        std::memcpy(at, head, head_size);
        at = ids.write_digits(at + head_size, index);
        *at++ = '"';
        *at++ = '}';
        *at++ = separator;
        index += walk.stride;
        if (index >= walk.modulus) index -= walk.modulus;
      }
      out.commit(at);
    }
    walk_begin = walk_end;
  }
}

}  // namespace tenant
