#include "sdk/annotations.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "absl/strings/str_cat.h"
#include "c1/connector/v2/annotation_ratelimit.pb.h"
#include "sdk/timestamps.hpp"

namespace baton::sdk {

namespace v2 = c1::connector::v2;
using google::protobuf::Any;
using google::protobuf::Message;

void pack_annotation(Any& any, const Message& message) {
  constexpr std::string_view kHost = "type.googleapis.com/";
  const std::string& name = message.GetDescriptor()->full_name();
  std::string& url = *any.mutable_type_url();
  url.clear();
  url.reserve(kHost.size() + name.size());
  url.append(kHost).append(name);
  std::string& value = *any.mutable_value();
  value.clear();
  value.reserve(message.ByteSizeLong());
  google::protobuf::io::StringOutputStream sink(&value);
  google::protobuf::io::CodedOutputStream out(&sink);
  out.SetSerializationDeterministic(true);
  message.SerializeWithCachedSizes(&out);
}

bool holds_message(const Any& any, std::string_view full_name) {
  const std::string_view url = any.type_url();
  return url.ends_with(full_name) &&
         (url.size() == full_name.size() || url[url.size() - full_name.size() - 1] == '/');
}

void append_annotation(Annotations& annotations, const Message& message) {
  pack_annotation(*annotations.Add(), message);
}

void update_annotation(Annotations& annotations, const Message& message) {
  const std::string& name = message.GetDescriptor()->full_name();
  bool found = false;
  for (int i = 0; i < annotations.size();) {
    if (!holds_message(annotations.Get(i), name)) {
      ++i;
    } else if (!found) {
      found = true;
      pack_annotation(*annotations.Mutable(i++), message);
    } else {
      annotations.DeleteSubrange(i, 1);
    }
  }
  if (!found) append_annotation(annotations, message);
}

void merge_annotations(Annotations& into, const Annotations& from) {
  for (const Any& any : from) {
    const std::string_view url = any.type_url();
    const std::string_view name = url.substr(url.rfind('/') + 1);
    bool replaced = false;
    for (int i = 0; i < into.size();) {
      if (!holds_message(into.Get(i), name)) {
        ++i;
      } else if (!replaced) {
        replaced = true;
        *into.Mutable(i++) = any;
      } else {
        into.DeleteSubrange(i, 1);
      }
    }
    if (!replaced) *into.Add() = any;
  }
}

absl::Status unpack_annotation(const Any& any, Message& message) {
  if (holds_message(any, message.GetDescriptor()->full_name()) && message.ParseFromString(any.value())) {
    return absl::OkStatus();
  }
  return absl::DataLossError(
      absl::StrCat("an annotation does not hold a readable ", message.GetDescriptor()->full_name()));
}

void set_rate_limit_annotation(Annotations& annotations, const RateLimitFacts& facts) {
  v2::RateLimitDescription description;
  switch (facts.state) {
    case RateLimitFacts::State::kOk:
      description.set_status(v2::RateLimitDescription::STATUS_OK);
      break;
    case RateLimitFacts::State::kOverLimit:
    case RateLimitFacts::State::kEmpty:  // this message has no EMPTY; both mean "not now"
      description.set_status(v2::RateLimitDescription::STATUS_OVERLIMIT);
      break;
    case RateLimitFacts::State::kError:
      description.set_status(v2::RateLimitDescription::STATUS_ERROR);
      break;
    case RateLimitFacts::State::kUnspecified:
      break;
  }
  description.set_limit(facts.limit);
  description.set_remaining(facts.remaining);
  if (facts.reset_at) set_timestamp(*description.mutable_reset_at(), *facts.reset_at);
  update_annotation(annotations, description);
}

void add_rate_limit_wait(Annotations& annotations, std::chrono::milliseconds wait) {
  if (wait.count() <= 0) return;
  v2::RateLimitWaitReport report;
  report.set_wait_ms(wait.count());
  append_annotation(annotations, report);
}

}  // namespace baton::sdk
