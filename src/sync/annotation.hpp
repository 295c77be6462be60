#pragma once

#include <string_view>

#include <google/protobuf/any.pb.h>
#include <google/protobuf/repeated_field.h>

namespace baton::sync {

using Annotations = google::protobuf::RepeatedPtrField<google::protobuf::Any>;

/// Whether `any` holds a message of this full name; compared behind the last slash of the type URL.
bool is_annotation(const google::protobuf::Any& any, std::string_view full_name);

/// The first annotation of message type `Message`, or null.
const google::protobuf::Any* find_annotation(const Annotations& annotations, std::string_view full_name);

template <class Message>
bool has_annotation(const Annotations& annotations) {
  return !annotations.empty() && find_annotation(annotations, Message::descriptor()->full_name()) != nullptr;
}

/// Removes every annotation of this type.
void remove_annotations(Annotations& annotations, std::string_view full_name);

}  // namespace baton::sync
