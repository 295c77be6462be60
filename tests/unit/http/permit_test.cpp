#include "http/permit.hpp"

#include <utility>
#include <vector>

#include <gmock/gmock.h>

namespace baton::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PermitTest : public ::testing::Test {
 protected:
  Permit make() {
    return Permit([this](bool spent) { given_back_.push_back(spent); });
  }

  std::vector<bool> given_back_;
};

TEST_F(PermitTest, APermitThatNobodyTakesGoesBackUnspent) {
  { const Permit permit = make(); }
  EXPECT_THAT(given_back_, ElementsAre(false));
}

TEST_F(PermitTest, ASpentPermitSaysSo) {
  {
    Permit permit = make();
    permit.spend();
    Permit moved = std::move(permit);
    EXPECT_THAT(given_back_, IsEmpty());
  }
  EXPECT_THAT(given_back_, ElementsAre(true));
}

TEST_F(PermitTest, ReleasingTwiceGivesBackOnce) {
  Permit permit = make();
  permit.release();
  permit.release();
  EXPECT_THAT(given_back_, ElementsAre(false));
}

TEST_F(PermitTest, AssignmentGivesTheOldLeaseBack) {
  Permit permit = make();
  permit.spend();
  permit = make();
  EXPECT_THAT(given_back_, ElementsAre(true));
}

}  // namespace
}  // namespace baton::http
