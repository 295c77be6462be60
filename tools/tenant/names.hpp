#pragma once

#include <string_view>

namespace tenant {

/// A name as people write it (UTF-8, may need escaping in JSON) and as a login or address carries it.
struct Name {
  std::string_view text;
  std::string_view ascii;
};

inline constexpr std::size_t kNameCount = 64;
inline constexpr std::size_t kWordCount = 16;

/// Given names; four of the 64 are not plain ASCII or need escaping.
extern const Name kFirstNames[kNameCount];
/// Family names; six of the 64 are not plain ASCII or need escaping.
extern const Name kLastNames[kNameCount];
extern const std::string_view kDepartments[kWordCount];
extern const std::string_view kTitles[kWordCount];
/// Words that names of groups, roles and apps are put together from.
extern const std::string_view kAdjectives[kWordCount];
extern const std::string_view kTeams[kWordCount];
extern const std::string_view kDuties[kWordCount];
extern const std::string_view kProducts[kWordCount];
/// Sentences for descriptions; some carry quotes, line breaks and non-ASCII text.
extern const std::string_view kSentences[kWordCount];

}  // namespace tenant
