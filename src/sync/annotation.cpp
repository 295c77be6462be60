#include "sync/annotation.hpp"

namespace baton::sync {

bool is_annotation(const google::protobuf::Any& any, std::string_view full_name) {
  const std::string& url = any.type_url();
  return url.size() > full_name.size() && url[url.size() - full_name.size() - 1] == '/' &&
         std::string_view(url).substr(url.size() - full_name.size()) == full_name;
}

const google::protobuf::Any* find_annotation(const Annotations& annotations, std::string_view full_name) {
  for (const google::protobuf::Any& any : annotations) {
    if (is_annotation(any, full_name)) return &any;
  }
  return nullptr;
}

void remove_annotations(Annotations& annotations, std::string_view full_name) {
  int kept = 0;
  for (int i = 0; i < annotations.size(); ++i) {
    if (is_annotation(annotations.Get(i), full_name)) continue;
    if (kept != i) annotations.SwapElements(kept, i);
    ++kept;
  }
  annotations.DeleteSubrange(kept, annotations.size() - kept);
}

}  // namespace baton::sync
