#include "runner/config_file.hpp"

#include <cerrno>
#include <cstring>
#include <istream>
#include <optional>
#include <streambuf>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "base/redact.hpp"

namespace baton::runner {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr const char* kDefaultName = ".baton.yaml";

/// Leaves the parser on the first thing that no configuration holds.
class Refused {
 public:
  Refused(int line_number, std::string why) : line(line_number), what(std::move(why)) {}

  int line;
  std::string what;
};

/// Takes the events of one document. Working on events instead of a tree keeps the line of every value, and
/// no alias is ever expanded.
class Collector final : public YAML::EventHandler {
 public:
  Collector(std::string_view text, sdk::FileValues& values) : text_(text), values_(values) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    // A document of nothing but comments is one null.
    if (level_ == Level::kOutside) return;
    if (!key_) refuse(mark, "a key is empty");
    // The mark of nothing is that of what follows it.
    throw Refused(line_, "\"" + shown_key() + "\" has no value; give it one or remove the line");
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(mark, "aliases are not supported; write the value out");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    refuse_open_quote(mark, tag);
    switch (level_) {
      case Level::kOutside:
        refuse(mark, "expected settings of the form \"name: value\"");
      case Level::kTop:
        if (!key_) {
          begin_entry(mark, value);
        } else {
          end_entry(value);
        }
        break;
      case Level::kList:
        list_.push_back(value);
        break;
      case Level::kMap:
        if (!inner_key_) {
          if (map_.contains(value)) refuse(mark, "\"" + scrub(value, 64) + "\" is given twice");
          inner_key_ = value;
        } else {
          map_.emplace(*std::exchange(inner_key_, std::nullopt), value);
        }
        break;
    }
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (level_ == Level::kOutside) refuse(mark, "expected settings of the form \"name: value\"");
    if (level_ != Level::kTop) refuse(mark, "\"" + shown_key() + "\" is nested too deeply");
    if (!key_) refuse(mark, "a key cannot be a list");
    level_ = Level::kList;
  }
  void OnSequenceEnd() override {
    level_ = Level::kTop;
    end_entry(std::exchange(list_, {}));
  }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (level_ == Level::kOutside) {
      level_ = Level::kTop;
      return;
    }
    if (level_ != Level::kTop) refuse(mark, "\"" + shown_key() + "\" is nested too deeply");
    if (!key_) refuse(mark, "a key cannot be a map");
    level_ = Level::kMap;
  }
  void OnMapEnd() override {
    if (level_ == Level::kTop) {
      level_ = Level::kOutside;
      return;
    }
    level_ = Level::kTop;
    end_entry(std::exchange(map_, {}));
  }

 private:
  enum class Level { kOutside, kTop, kList, kMap };

  [[noreturn]] static void refuse(const YAML::Mark& mark, std::string what) {
    throw Refused(mark.line + 1, std::move(what));
  }
  static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) refuse(mark, "anchors are not supported; write the value out");
  }
  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    for (const std::string_view known :
         {"", "?", "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:int", "tag:yaml.org,2002:bool",
          "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"}) {
      if (tag == known) return;
    }
    refuse(mark, "the tag " + scrub(tag, 64) + " is not supported");
  }

  /// The parser takes the end of the file for the end of a quoted value.
  void refuse_open_quote(const YAML::Mark& mark, const std::string& tag) const {
    const auto at = static_cast<std::size_t>(mark.pos);
    if (tag != "!" || mark.pos < 0 || at >= text_.size()) return;
    const char quote = text_[at];
    if (quote != '"' && quote != '\'') return;
    std::size_t end = at + 1;
    while (end < text_.size() && text_[end] != quote) end += quote == '"' && text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size()) refuse(mark, "a quote is not closed");
  }

  std::string shown_key() const { return scrub(key_.value_or(""), 64); }

  void begin_entry(const YAML::Mark& mark, const std::string& key) {
    if (values_.entries.contains(key)) refuse(mark, "\"" + scrub(key, 64) + "\" is given twice");
    key_ = key;
    line_ = mark.line + 1;
  }
  /// Assigns the alternative itself: g++ 12 warns, wrongly, of uninitialised members of a variant that moves.
  template <class Content>
  void end_entry(Content content) {
    sdk::FileValue& entry = values_.entries[*std::exchange(key_, std::nullopt)];
    entry.content = std::move(content);
    entry.line = line_;
  }

  std::string_view text_;
  sdk::FileValues& values_;
  Level level_ = Level::kOutside;
  std::optional<std::string> key_;
  std::optional<std::string> inner_key_;
  int line_ = 0;
  sdk::StringList list_;
  sdk::StringMap map_;
};

/// A stream over a text that somebody else keeps.
class ViewBuffer final : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());
    setg(begin, begin, begin + text.size());
  }
};

absl::Status error_at(const std::string& path, int line, const std::string& what) {
  return absl::UnknownError(path + ":" + std::to_string(line) + ": " + what);
}

absl::Status cannot_read(const std::string& path, const std::string& why) {
  return absl::UnknownError(path + ": cannot read the configuration file: " + why);
}

/// A descriptor that closes itself.
class OpenFile {
 public:
  explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

absl::StatusOr<std::string> read_limited(const fs::path& file, const std::string& shown) {
  // A pipe without a writer must not keep us here.
  const OpenFile open(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat facts {};
  if (open.get() < 0 || ::fstat(open.get(), &facts) != 0) return cannot_read(shown, std::strerror(errno));
  if (!S_ISREG(facts.st_mode)) return cannot_read(shown, "it is not a regular file");
  std::string text;
  char part[16 * 1024];
  while (true) {
    const ssize_t got = ::read(open.get(), part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_read(shown, std::strerror(errno));
    if (got == 0) return text;
    text.append(part, static_cast<std::size_t>(got));
    if (text.size() > kMaxFileBytes) return cannot_read(shown, "it is longer than 1 MiB");
  }
}

}  // namespace

absl::StatusOr<sdk::FileValues> parse_config(std::string_view text, const std::string& path) {
  sdk::FileValues values(path);
  if (text.size() > kMaxFileBytes) return cannot_read(path, "it is longer than 1 MiB");
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    int line = 1;
    for (const char c : text.substr(0, nul)) line += c == '\n' ? 1 : 0;
    return error_at(path, line, "a zero byte, which text does not hold");
  }
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  ViewBuffer buffer(text);
  std::istream stream(&buffer);
  try {
    YAML::Parser parser(stream);
    Collector collector(text, values);
    if (parser.HandleNextDocument(collector) && parser) {
      sdk::FileValues more;
      Collector second(text, more);
      if (parser.HandleNextDocument(second)) {
        return absl::UnknownError(path + ": a second document begins; settings belong into one");
      }
    }
  } catch (const Refused& refused) {
    return error_at(path, refused.line, refused.what);
  } catch (const YAML::Exception& error) {
    const int line = error.mark.is_null() ? 1 : error.mark.line + 1;
    return error_at(path, line, scrub(error.msg, 200));
  } catch (const std::exception& error) {
    return cannot_read(path, scrub(error.what(), 200));
  }
  return values;
}

absl::StatusOr<sdk::FileValues> read_config_file(const Environment& environment, const fs::path& directory) {
  const std::optional<std::string> named = variable(environment, "BATON_CONFIG_PATH");
  if (named) {
    if (!named->ends_with(".yaml") && !named->ends_with(".yml")) {
      return absl::UnknownError(scrub(*named, 200) +
                                ": expected config file to have .yaml or .yml extension");
    }
    const std::string shown = scrub(*named, 200);
    const absl::StatusOr<std::string> text = read_limited(directory / *named, shown);
    if (!text.ok()) return text.status();
    return parse_config(*text, shown);
  }
  const fs::path file = directory / kDefaultName;
  std::error_code error;
  // Only what is certainly not there is passed over.
  if (fs::symlink_status(file, error).type() == fs::file_type::not_found) return sdk::FileValues();
  const std::string shown = std::string("./") + kDefaultName;
  const absl::StatusOr<std::string> text = read_limited(file, shown);
  if (!text.ok()) return text.status();
  return parse_config(*text, shown);
}

}  // namespace baton::runner
