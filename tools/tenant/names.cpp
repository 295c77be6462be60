#include "tenant/names.hpp"

namespace tenant {

const Name kFirstNames[kNameCount] = {
    {"Ada", "ada"},          {"Alan", "alan"},     {"Alice", "alice"},       {"Amir", "amir"},
    {"Anna \"Ann\"", "ann"}, {"Arturo", "arturo"}, {"Beatrice", "beatrice"}, {"Bruno", "bruno"},
    {"Carla", "carla"},      {"Chen", "chen"},     {"Clara", "clara"},       {"Daniel", "daniel"},
    {"Diego", "diego"},      {"Edith", "edith"},   {"Elena", "elena"},       {"Emil", "emil"},
    {"Farah", "farah"},      {"Felix", "felix"},   {"Fiona", "fiona"},       {"Gabriel", "gabriel"},
    {"Grace", "grace"},      {"Hana", "hana"},     {"Henrik", "henrik"},     {"Ines", "ines"},
    {"Ivan", "ivan"},        {"Jana", "jana"},     {"Jonas", "jonas"},       {"Julia", "julia"},
    {"Kamal", "kamal"},      {"Karin", "karin"},   {"Kofi", "kofi"},         {"Lars", "lars"},
    {"Laura", "laura"},      {"Leila", "leila"},   {"Łukasz", "lukasz"},     {"Maria", "maria"},
    {"Marco", "marco"},      {"Mei", "mei"},       {"Mila", "mila"},         {"Nadia", "nadia"},
    {"Nils", "nils"},        {"Nora", "nora"},     {"Olga", "olga"},         {"Omar", "omar"},
    {"Paolo", "paolo"},      {"Petra", "petra"},   {"Priya", "priya"},       {"Rafael", "rafael"},
    {"Rosa", "rosa"},        {"Samir", "samir"},   {"Sara", "sara"},         {"Simon", "simon"},
    {"Sofia", "sofia"},      {"Tariq", "tariq"},   {"Teresa", "teresa"},     {"Thomas", "thomas"},
    {"Uma", "uma"},          {"Victor", "victor"}, {"Wanda", "wanda"},       {"Xavier", "xavier"},
    {"Yara", "yara"},        {"Yusuf", "yusuf"},   {"Zoë", "zoe"},           {"美咲", "misaki"},
};

const Name kLastNames[kNameCount] = {
    {"Adams", "adams"},
    {"Almeida", "almeida"},
    {"Andersen", "andersen"},
    {"Baker", "baker"},
    {"Bauer", "bauer"},
    {"Becker", "becker"},
    {"Berg", "berg"},
    {"Bianchi", "bianchi"},
    {"Brown", "brown"},
    {"Carter", "carter"},
    {"Castro", "castro"},
    {"Cohen", "cohen"},
    {"Costa", "costa"},
    {"Dahl", "dahl"},
    {"Diaz", "diaz"},
    {"Dubois", "dubois"},
    {"Evans", "evans"},
    {"Ferrari", "ferrari"},
    {"Fischer", "fischer"},
    {"Fuchs", "fuchs"},
    {"Garcia", "garcia"},
    {"Gray", "gray"},
    {"Haddad", "haddad"},
    {"Hansen", "hansen"},
    {"Hill", "hill"},
    {"Ibrahim", "ibrahim"},
    {"Ito", "ito"},
    {"Jensen", "jensen"},
    {"Kaya", "kaya"},
    {"Keller", "keller"},
    {"Khan", "khan"},
    {"Kim", "kim"},
    {"Larsen", "larsen"},
    {"Lee", "lee"},
    {"Lopez", "lopez"},
    {"Marino", "marino"},
    {"Martin", "martin"},
    {"Mensah", "mensah"},
    {"Meyer", "meyer"},
    {"Müller", "mueller"},
    {"Nguyen", "nguyen"},
    {"Novak", "novak"},
    {"O\"Neil\"", "oneil"},
    {"Okafor", "okafor"},
    {"Olsen", "olsen"},
    {"Ørsted", "oersted"},
    {"Park", "park"},
    {"Patel", "patel"},
    {"Pereira", "pereira"},
    {"Reyes", "reyes"},
    {"Ricci", "ricci"},
    {"Rossi", "rossi"},
    {"Back\\slash", "backslash"},
    {"Sato", "sato"},
    {"Schmidt", "schmidt"},
    {"Silva", "silva"},
    {"Singh", "singh"},
    {"Smith", "smith"},
    {"Tab\tley", "tabley"},
    {"Tanaka", "tanaka"},
    {"Torres", "torres"},
    {"Weber", "weber"},
    {"Wong 🦊", "wong"},
    {"Young", "young"},
};

const std::string_view kDepartments[kWordCount] = {
    "Engineering", "Sales",   "Finance", "Legal",      "Marketing", "Support", "Operations",  "Security",
    "Research",    "Product", "People",  "Facilities", "Data",      "Quality", "Procurement", "R&D <labs>",
};

const std::string_view kTitles[kWordCount] = {
    "Engineer",   "Senior Engineer",   "Analyst", "Senior Analyst", "Accountant", "Counsel",   "Designer",
    "Consultant", "Specialist",        "Lead",    "Director",       "Assistant",  "Architect", "Recruiter",
    "Planner",    "Chargé d'affaires",
};

const std::string_view kAdjectives[kWordCount] = {
    "Northern", "Southern", "Central", "Global", "Local",   "Internal", "External", "Shared",
    "Core",     "Mobile",   "Digital", "Rapid",  "Private", "Public",   "Joint",    "Nördliche",
};

const std::string_view kTeams[kWordCount] = {
    "Platform", "Payments", "Billing",  "Search", "Identity", "Logistics", "Insights", "Infrastructure",
    "Growth",   "Partners", "Delivery", "Audit",  "Training", "Network",   "Storage",  "\"Tiger\" Team",
};

const std::string_view kDuties[kWordCount] = {
    "Administrator", "Reader",   "Editor",  "Approver", "Operator", "Auditor",  "Publisher", "Reviewer",
    "Deployer",      "Reporter", "Planner", "Owner",    "Importer", "Exporter", "Moderator", "Prüfer",
};

const std::string_view kProducts[kWordCount] = {
    "Ledger", "Atlas",  "Beacon", "Compass", "Harbor", "Lantern", "Meridian", "Orchard",
    "Prism",  "Quarry", "Relay",  "Summit",  "Tundra", "Vault",   "Willow",   "Café",
};

const std::string_view kSentences[kWordCount] = {
    "Day to day work of the team.",
    "Members may see shared documents.",
    "Created for a project and kept.",
    "Owned by the department lead.",
    "Reviewed every quarter.",
    "Used by the nightly reports.",
    "Line one.\nLine two.",
    "Also called \"the crew\".",
    "Everyone on call.",
    "People with a desk in the main building.",
    "Path C:\\shared\\team.",
    "Zugang für alle Büros.",
    "External partners only.",
    "Replaces an older group.",
    "Granted on request.",
    "連絡用のグループ。",
};

}  // namespace tenant
