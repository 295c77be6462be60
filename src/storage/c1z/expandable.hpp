#pragma once

#include <string>

#include "c1/connector/v2/grant.pb.h"

/// The annotation `GrantExpandable`, which files keep beside the grant instead of in it.
namespace baton::c1z {

/// Takes every `GrantExpandable` out of the grant's annotations. Returns the first one's bytes when it names
/// at least one entitlement that is not blank, else nothing: such an annotation means nothing and is lost, as
/// upstream has it.
std::string take_expandable(c1::connector::v2::Grant& grant);

/// Appends the annotation again; `expansion` is what `take_expandable` returned. Nothing for empty bytes.
void restore_expandable(c1::connector::v2::Grant& grant, const std::string& expansion);

/// Whether the grant carries the annotation with an entitlement that is not blank.
bool has_expandable(const c1::connector::v2::Grant& grant);

}  // namespace baton::c1z
