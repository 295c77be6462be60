#include "sdk/connector.hpp"

#include "absl/status/status.h"

namespace baton::sdk {

Connector::Reply<Connector::GetMetadataResponse> Connector::get_metadata(const GetMetadataRequest&) {
  co_return absl::UnimplementedError("the connector tells nothing about itself");
}

}  // namespace baton::sdk
