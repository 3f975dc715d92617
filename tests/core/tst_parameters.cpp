// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <set>

#include "core/spec/parameters.h"
#include "core/spec/profile_rules.h"
#include "core/spec/remarks.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"
#include "tests/support/text.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

using Integers = std::vector<std::int64_t>;

template <class T>
const Field<T> &field(std::string_view key)
{
    const auto all = fields<T>();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Field<T> &row) { return row.info.key == key; });
    if (found == all.end())
        throw std::out_of_range(std::string(key));
    return *found;
}

template <class T, class Member>
bool has_member(const Field<T> &row)
{
    return std::holds_alternative<Member T::*>(row.member);
}

template <class T>
bool is_whole(const Field<T> &row)
{
    return has_member<T, std::int64_t>(row) || has_member<T, Integers>(row);
}

template <class T>
bool is_number_row(const Field<T> &row)
{
    return is_whole(row) || has_member<T, double>(row) || has_member<T, Quantity>(row)
        || has_member<T, std::optional<Quantity>>(row) || has_member<T, std::vector<Precision>>(row);
}

std::string base_text(double si, Dimension dimension)
{
    return exact_text(Quantity{si, &base_unit(dimension)});
}

// A text that sets `row` to one number.
template <class T>
std::string text_for(const Field<T> &row, double si)
{
    const std::string one = base_text(si, row.info.dimension);
    return has_member<T, std::vector<Precision>>(row) ? one + " / " + one : one;
}

// Puts every field of `object` as text into a `blank` one, which has the parts that are no fields.
template <class T>
void check_text_round_trip(const T &object, T blank)
{
    for (const Field<T> &row : fields<T>()) {
        const std::string text = field_text(object, row);
        if (has_member<T, std::optional<Quantity>>(row) && text.empty())
            continue;
        const auto problem = set_field(blank, row, text, BareNumbers::refused);
        QVERIFY2(!problem, (std::string(row.info.key) + ": " + problem.value_or("")).c_str());
        QVERIFY2(field_text(blank, row) == text, row.info.key.data());
    }
    QVERIFY(blank == object);
}

void check_text_round_trip(const Chip &chip)
{
    Chip blank;
    blank.name = chip.name;
    check_text_round_trip(chip, blank);
}

void check_text_round_trip(const Nic &nic)
{
    Nic blank;
    blank.name = nic.name;
    check_text_round_trip(nic, blank);
}

void check_text_round_trip(const Model &model)
{
    if (model.routed_experts == 0) // whose numbers no text can set
        return;
    Model blank;
    blank.name = model.name;
    blank.layer_kinds = model.layer_kinds;
    blank.draft = model.draft;
    check_text_round_trip(model, blank);
}

void check_text_round_trip(const Profile &profile)
{
    Profile blank;
    blank.name = profile.name;
    for (const ProfileRule &rule : profile_rules())
        std::visit([&](auto member) { blank.*member = profile.*member; }, rule.member);
    blank.calibration = profile.calibration;
    blank.left_out = profile.left_out;
    blank.quirks = profile.quirks;
    check_text_round_trip(profile, blank);

    Quirks inverted;
    for (const Field<Quirks> &row : fields<Quirks>())
        QVERIFY(!set_field(
            inverted, row, field_text(profile.quirks, row) == "true" ? "false" : "true", BareNumbers::refused));
    check_text_round_trip(profile.quirks, inverted);
}

template <class T>
void check_ranges(const T &object)
{
    for (const Field<T> &row : fields<T>()) {
        if (!is_number_row(row))
            continue;
        const Parameter &info = row.info;
        const std::string key(info.key);
        for (const double end : {info.min, info.max}) {
            T changed = object;
            const std::string text = text_for(row, end);
            const auto problem = set_field(changed, row, text, BareNumbers::refused);
            QVERIFY2(!problem, (key + ": " + problem.value_or("")).c_str());
            QVERIFY2(
                field_text(changed, row) == (is_whole(row) ? std::to_string(static_cast<std::int64_t>(end)) : text),
                key.c_str());
        }
        const double infinity = std::numeric_limits<double>::infinity();
        const double below = is_whole(row) ? info.min - 1 : std::nextafter(info.min, -infinity);
        const double above = is_whole(row) ? info.max + 1 : std::nextafter(info.max, infinity);
        for (const double outside : {below, above, -info.max, 1e300}) {
            T changed = object;
            const auto problem = set_field(changed, row, text_for(row, outside), BareNumbers::refused);
            QVERIFY2(problem, (key + " took " + exact_text(outside)).c_str());
            QVERIFY2(
                holds(*problem,
                    "'" + base_text(outside, info.dimension) + "' is out of range; allowed is " + allowed_text(info)),
                problem->c_str());
            QVERIFY2(changed == object, key.c_str());
        }
        for (const char *text : {"", "nan", "inf", "1e999", "-", "much"}) {
            T changed = object;
            QVERIFY2(
                set_field(changed, row, std::string_view(text), BareNumbers::allowed), (key + " took " + text).c_str());
            QVERIFY2(changed == object, key.c_str());
        }
        if (is_whole(row)) {
            T changed = object;
            const auto problem = set_field(changed, row, exact_text(info.min + 0.5), BareNumbers::refused);
            QVERIFY2(problem && holds(*problem, "not a whole number"), key.c_str());
            QVERIFY2(changed == object, key.c_str());
        }
        if (!base_unit(info.dimension).symbol.empty()) {
            T changed = object;
            const std::string bare = exact_text(info.max);
            const std::string text = has_member<T, std::vector<Precision>>(row) ? bare + "/" + bare : bare;
            const auto problem = set_field(changed, row, text, BareNumbers::refused);
            QVERIFY2(problem && holds(*problem, "has no unit"), key.c_str());
            QVERIFY2(changed == object, key.c_str());
            QVERIFY2(!set_field(changed, row, text, BareNumbers::allowed), key.c_str());
        }
    }
}

// Numbers, and only they, can be varied; what scales can in particular.
template <class T>
void check_axes()
{
    for (const Field<T> &row : fields<T>()) {
        // What a checkpoint states changes no result.
        const bool is_stated = row.info.key == "max_context" || row.info.key == "rated_memory"
            || (row.info.scope == Scope::model && row.info.key.ends_with("elem_size"));
        const bool varies = is_number_row(row) && !is_stated;
        QVERIFY2((row.info.axis != Axis::none) == varies, row.info.key.data());
        QVERIFY2(!row.info.scalable || varies, row.info.key.data());
    }
}

template <class T>
void check_choices(const T &object)
{
    for (const Field<T> &row : fields<T>()) {
        const Parameter &info = row.info;
        for (const std::string_view choice : info.choices) {
            T changed = object;
            QVERIFY2(!set_field(changed, row, choice, BareNumbers::refused), info.key.data());
            QVERIFY2(field_text(changed, row) == choice, info.key.data());
        }
        if (info.choices.empty())
            continue;
        for (const std::string &wrong :
            {std::string("nonsense"), std::string(), std::string(info.choices[0]) + "x", std::string("0")}) {
            T changed = object;
            const auto problem = set_field(changed, row, wrong, BareNumbers::allowed);
            QVERIFY2(problem, (std::string(info.key) + " took " + wrong).c_str());
            QVERIFY2(problem->starts_with("'" + wrong + "' is not ")
                    && holds(*problem, "; allowed is " + allowed_text(info)),
                problem->c_str());
            QVERIFY2(changed == object, info.key.data());
        }
    }
}

template <class T>
void check_lists_and_scalars(const T &object)
{
    for (const Field<T> &row : fields<T>()) {
        const std::string key(row.info.key);
        const bool list = has_member<T, Integers>(row) || has_member<T, std::vector<Precision>>(row)
            || has_member<T, std::vector<Policy>>(row) || has_member<T, std::vector<std::string>>(row)
            || has_member<T, std::vector<ExpertMode>>(row) || has_member<T, std::vector<double>>(row);
        QVERIFY2(is_list(row) == list, key.c_str());
        T changed = object;
        const auto nothing = set_field(changed, row, std::vector<std::string>{}, BareNumbers::refused);
        if (list && !row.info.required && row.info.scope != Scope::search) { // nothing is not searched
            QVERIFY2(!nothing, key.c_str());
            continue;
        }
        QVERIFY2(nothing && changed == object, key.c_str());
        QVERIFY2(
            holds(*nothing, list ? "is empty; expected at least one value" : "expected one value"), nothing->c_str());
        if (!list) {
            const std::string text = field_text(object, row);
            QVERIFY2(set_field(changed, row, std::vector{text, text}, BareNumbers::refused) && changed == object,
                key.c_str());
        }
    }
}

// Key of a parameter for set_parameter().
std::string path_of(const Parameter &parameter)
{
    switch (parameter.scope) {
    case Scope::workload:
    case Scope::search:
    case Scope::target:
        return std::string(parameter.key);
    default:
        return std::string(name_of(parameter.scope)) + "." + std::string(parameter.key);
    }
}

std::optional<std::string> set_text(Study &study, std::string_view key, std::string_view value)
{
    return set_parameter(study, key, value, BareNumbers::refused);
}

Precision precision(double kv, double parameters)
{
    return {{kv, &base_unit(Dimension::bytes)}, {parameters, &base_unit(Dimension::bytes)}};
}

} // namespace

class TestParameters : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { study = testing::published_study(); }

    void integers_as_ranges();
    void tables_are_well_formed();
    void keys_are_unique();
    void helps_are_sentences();
    void lists_all_parameters_in_order();
    void text_round_trips_of_the_published_study();
    void text_round_trips_of_the_library();
    void range_ends();
    void enumerations();
    void enumeration_names();
    void lists_and_scalars();
    void switches();
    void suggests_choices();
    void long_texts();
    void allowed_texts_data();
    void allowed_texts();
    void integer_lists_data();
    void integer_lists();
    void refused_integer_lists_data();
    void refused_integer_lists();
    void integer_ranges_keep_to_their_limits();
    void policy_lists();
    void precision_lists_data();
    void precision_lists();
    void refused_precisions_data();
    void refused_precisions();
    void sets_every_parameter_by_its_path();
    void finds_parameters_and_their_texts();
    void sets_all_chips_or_one();
    void names_may_hold_dots_and_blanks();
    void sets_the_sizes_of_all_precisions();
    void units_on_the_command_line();
    void unknown_parameters_data();
    void unknown_parameters();
    void reads_context_lengths_in_powers_of_two();
    void says_what_is_unusual();
    void says_what_the_published_equations_ignore();
    void says_what_the_model_is_not_made_for();
    void keeps_entries_consistent_data();
    void keeps_entries_consistent();

private:
    Study study;
};

void TestParameters::tables_are_well_formed()
{
    for (const Parameter &parameter : all_parameters()) {
        const std::string key(parameter.key);
        QVERIFY(!key.empty());
        QVERIFY2(
            std::all_of(key.begin(), key.end(), [](char c) { return std::islower(c) || std::isdigit(c) || c == '_'; }),
            key.c_str());
        QVERIFY2(!parameter.label.empty() && !parameter.label.ends_with('.'), key.c_str());
        QVERIFY2(parameter.min <= parameter.max, key.c_str());
        QVERIFY2(parameter.soft_min <= parameter.soft_max, key.c_str());
        QVERIFY2(parameter.soft_min >= parameter.usual_min && parameter.soft_max <= parameter.usual_max, key.c_str());
        QVERIFY2(parameter.usual_min >= parameter.min && parameter.usual_max <= parameter.max, key.c_str());
        QVERIFY2(!allowed_text(parameter).empty(), key.c_str());
    }
    check_axes<Workload>();
    check_axes<SearchSpace>();
    check_axes<Study>();
    check_axes<Chip>();
    check_axes<Nic>();
    check_axes<Model>();
    check_axes<Quirks>();
    check_axes<Profile>();
}

void TestParameters::keys_are_unique()
{
    std::set<std::string> paths;
    std::set<std::string> options{"kv_elem_size", "param_elem_size"}; // of set_parameter() itself
    for (const Parameter &parameter : all_parameters()) {
        QVERIFY2(paths.insert(path_of(parameter)).second, path_of(parameter).c_str());
        if (parameter.scope == Scope::workload || parameter.scope == Scope::search || parameter.scope == Scope::target)
            QVERIFY2(options.insert(std::string(parameter.key)).second, parameter.key.data());
    }
}

void TestParameters::helps_are_sentences()
{
    for (const Parameter &parameter : all_parameters()) {
        const std::string help(parameter.help);
        QVERIFY2(help.size() > 10, parameter.key.data());
        QVERIFY2(help.ends_with('.') && !help.ends_with(".."), help.c_str());
        QVERIFY2(holds(help, " ") && !holds(help, "  "), help.c_str());
        const bool starts_with_choice = std::any_of(parameter.choices.begin(), parameter.choices.end(),
            [&](std::string_view choice) { return help.starts_with(choice); });
        QVERIFY2(
            std::isupper(static_cast<unsigned char>(help.front())) || starts_with_choice || help.starts_with("exp2"),
            help.c_str());
    }
}

void TestParameters::lists_all_parameters_in_order()
{
    const std::vector<Parameter> all = all_parameters();
    QVERIFY(std::is_sorted(
        all.begin(), all.end(), [](const Parameter &a, const Parameter &b) { return a.scope < b.scope; }));
    std::map<Scope, std::size_t> sizes;
    for (const Parameter &parameter : all)
        ++sizes[parameter.scope];
    QCOMPARE(sizes[Scope::workload], fields<Workload>().size());
    QCOMPARE(sizes[Scope::search], fields<SearchSpace>().size());
    QCOMPARE(sizes[Scope::target], fields<Study>().size());
    QCOMPARE(sizes[Scope::chip], fields<Chip>().size());
    QCOMPARE(sizes[Scope::nic], fields<Nic>().size());
    QCOMPARE(sizes[Scope::model], fields<Model>().size());
    QCOMPARE(sizes[Scope::quirks], fields<Quirks>().size());
    QCOMPARE(sizes[Scope::profile], fields<Profile>().size());
    const char *const names[] = {"workload", "search", "target", "chip", "nic", "model", "quirks", "profile"};
    for (std::size_t i = 0; i < std::size(names); ++i)
        QCOMPARE(std::string(name_of(static_cast<Scope>(i))), std::string(names[i]));
}

void TestParameters::text_round_trips_of_the_published_study()
{
    check_text_round_trip(study.workload,
        Workload{1, 0, false, Fa3::none, {2, &base_unit(Dimension::bytes)}, 1, 32, Balancer::off, {}, {}, {}});
    check_text_round_trip(study.search, SearchSpace{});
    Study blank = study;
    blank.target_tps = {};
    check_text_round_trip(study, blank);
    check_text_round_trip(study.profile);
    check_text_round_trip(study.model);
    for (const Chip &chip : study.chips)
        check_text_round_trip(chip);
    for (const Nic &nic : study.nics)
        check_text_round_trip(nic);
}

void TestParameters::text_round_trips_of_the_library()
{
    const Library &library = testing::shipped_library();
    std::size_t checked = 0;
    for (const Kind kind : {Kind::chip, Kind::nic, Kind::model, Kind::profile}) {
        for (const Library::Entry &entry : library.entries(kind)) {
            switch (kind) {
            case Kind::chip:
                check_text_round_trip(*library.chip(entry.name).value);
                break;
            case Kind::nic:
                check_text_round_trip(*library.nic(entry.name).value);
                break;
            case Kind::model:
                check_text_round_trip(*library.model(entry.name).value);
                break;
            default:
                check_text_round_trip(*library.profile(entry.name).value);
                break;
            }
            QVERIFY2(!QTest::currentTestFailed(), entry.name.c_str());
            ++checked;
        }
    }
    QVERIFY(checked > 25);
}

void TestParameters::range_ends()
{
    check_ranges(study.workload);
    check_ranges(study.search);
    check_ranges(study);
    check_ranges(study.chips.front());
    check_ranges(study.nics.front());
    check_ranges(study.model);
    check_ranges(study.profile.quirks);
    check_ranges(study.profile);
}

void TestParameters::enumerations()
{
    check_choices(study.workload);
    check_choices(study.search);
    check_choices(study.chips.front());
    check_choices(study.profile.quirks);
    // Order of the choices is the order of the enum.
    Chip chip;
    QVERIFY(!set_field(chip, field<Chip>("fa3"), "three-stage", BareNumbers::refused));
    QCOMPARE(chip.fa3, Fa3::three_stage);
    QVERIFY(!set_field(chip, field<Chip>("flash_mla_class"), "low-compute", BareNumbers::refused));
    QCOMPARE(chip.flash_mla_class, FlashMlaClass::low_compute);
    QVERIFY(!set_field(chip, field<Chip>("eight_bit"), "int8", BareNumbers::refused));
    QCOMPARE(chip.eight_bit, EightBit::int8);
    // "chip" is for the workload; a chip states its own mode.
    QVERIFY(set_field(chip, field<Chip>("fa3"), "chip", BareNumbers::refused));
    Workload workload;
    workload.fa3 = Fa3::none;
    QVERIFY(!set_field(workload, field<Workload>("fa3"), "chip", BareNumbers::refused));
    QCOMPARE(workload.fa3, Fa3::as_chip);
}

void TestParameters::enumeration_names()
{
    QCOMPARE(std::string(name_of(Policy::dual_mbatch)), std::string("dual-mbatch"));
    QCOMPARE(std::string(name_of(Policy::naive)), std::string("naive"));
    QCOMPARE(std::string(name_of(Fa3::none)), std::string("none"));
    QCOMPARE(std::string(name_of(Fa3::two_stage)), std::string("two-stage"));
    QCOMPARE(std::string(name_of(Fa3::three_stage)), std::string("three-stage"));
    QCOMPARE(std::string(name_of(Fa3::as_chip)), std::string("chip"));
    QCOMPARE(std::string(name_of(EightBit::fp8)), std::string("fp8"));
    QCOMPARE(std::string(name_of(EightBit::int8)), std::string("int8"));
}

void TestParameters::lists_and_scalars()
{
    check_lists_and_scalars(study.workload);
    check_lists_and_scalars(study.search);
    check_lists_and_scalars(study);
    check_lists_and_scalars(study.chips.front());
    check_lists_and_scalars(study.nics.front());
    check_lists_and_scalars(study.model);
    check_lists_and_scalars(study.profile.quirks);
    check_lists_and_scalars(study.profile);
}

void TestParameters::switches()
{
    Workload workload;
    const Field<Workload> &row = field<Workload>("deepgemm");
    for (const auto &[text, value] : {std::pair{"false", false}, {"true", true}, {"off", false}, {"on", true}}) {
        QVERIFY2(!set_field(workload, row, std::string_view(text), BareNumbers::refused), text);
        QCOMPARE(workload.deepgemm, value);
    }
    for (const char *text : {"yes", "1", "True", "", "truefalse"}) {
        const auto problem = set_field(workload, row, std::string_view(text), BareNumbers::refused);
        QVERIFY2(problem && holds(*problem, "allowed is true or false"), text);
        QVERIFY(workload.deepgemm);
    }
}

void TestParameters::suggests_choices()
{
    Study changed = study;
    const auto fa3 = set_text(changed, "chip.fa3", "two_stage");
    QVERIFY(fa3);
    QCOMPARE(*fa3,
        std::string(
            "'two_stage' is not allowed; allowed is none, two-stage or three-stage; did you mean 'two-stage'?"));
    const auto policy = set_text(changed, "policy", "dual-mbatch, naiv");
    QVERIFY(policy);
    QCOMPARE(*policy, std::string("'naiv' is not allowed; allowed is dual-mbatch or naive; did you mean 'naive'?"));
    QVERIFY(changed == study);
}

void TestParameters::long_texts()
{
    Chip chip;
    const Field<Chip> &row = field<Chip>("title");
    QVERIFY(!set_field(chip, row, std::string(4096, 'x'), BareNumbers::refused));
    QCOMPARE(chip.title.size(), std::size_t{4096});
    const auto problem = set_field(chip, row, std::string(4097, 'x'), BareNumbers::refused);
    QVERIFY(problem && holds(*problem, "4096"));
    QCOMPARE(chip.title.size(), std::size_t{4096});
    // Of a bad text only the beginning is shown, and nothing that a terminal obeys.
    const auto shown = set_field(chip, field<Chip>("bf16"), std::string(5000, '\x1b'), BareNumbers::refused);
    QVERIFY(shown && shown->size() < 300 && !holds(*shown, "\x1b"));
}

void TestParameters::allowed_texts_data()
{
    QTest::addColumn<std::string>("path");
    QTest::addColumn<std::string>("expected");
    const auto row = [](const char *path, const char *expected) {
        QTest::newRow(path) << std::string(path) << std::string(expected);
    };
    row("context", "1 to 1000000000000, usually 1 to 1048576");
    row("acceptance", "0 to 1");
    row("expert_elem_size", "0.015625 B to 64 B, usually 0.5 B to 4 B");
    row("precision", "0.015625 B to 64 B, usually 0.5 B to 4 B");
    row("fa3", "none, two-stage, three-stage or chip");
    row("deepgemm", "true or false");
    row("policy", "dual-mbatch or naive");
    row("chip.fa3", "none, two-stage or three-stage");
    row("chip.bf16", "1 FLOP/s to 1000000 EFLOP/s, usually 1 GFLOP/s to 1 EFLOP/s");
    row("chip.memory_bandwidth", "1 B/s to 1000000 EB/s, usually 1 GB/s to 10 PB/s");
    row("chip.all_reduce_latency", "0 s to 1000000 s, usually 0 s to 1 ms");
    row("chip.sms", "1 to 1000000000, usually 1 to 1000000");
    row("chip.title", "text");
    row("profile.usable_memory_fraction", "0.01 to 1");
}

void TestParameters::allowed_texts()
{
    QFETCH(std::string, path);
    QFETCH(std::string, expected);
    const std::vector<Parameter> all = all_parameters();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Parameter &parameter) { return path_of(parameter) == path; });
    QVERIFY(found != all.end());
    QCOMPARE(allowed_text(*found), expected);
}

void TestParameters::integer_lists_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<Integers>("expected");
    const auto row = [](const char *text, const Integers &expected) {
        QTest::newRow(text) << std::string(text) << expected;
    };
    row("16..128:8", {16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120, 128});
    row("72,144,320", {72, 144, 320});
    row("7", {7});
    row(" 7 , 9 ", {7, 9});
    row("5..8", {5, 6, 7, 8});
    row("5..5", {5});
    row("5..5:9", {5});
    row("5..9:3", {5, 8});
    row("5 .. 9 : 2", {5, 7, 9});
    row("1..2:65536", {1});
    row("320, 72, 144", {72, 144, 320});
    row("9,7,9,9,7", {7, 9});
    row("1..4,3..6", {1, 2, 3, 4, 5, 6});
    row("8,1..3,2", {1, 2, 3, 8});
    row("1 Ki, 1 k", {1000, 1024});
    row("1..3 k:1 k", {1, 1001, 2001});
    row("65535..65536", {65535, 65536});
}

void TestParameters::integer_lists()
{
    QFETCH(std::string, text);
    QFETCH(Integers, expected);
    SearchSpace space;
    const auto problem = set_field(space, field<SearchSpace>("batch"), text, BareNumbers::refused);
    QVERIFY2(!problem, problem.value_or("").c_str());
    QCOMPARE(space.batch, expected);

    std::vector<std::string> items;
    for (const QString &item : QString::fromStdString(text).split(','))
        items.push_back(item.toStdString());
    std::reverse(items.begin(), items.end());
    QVERIFY(!set_field(space, field<SearchSpace>("batch"), items, BareNumbers::refused));
    QCOMPARE(space.batch, expected);
}

void TestParameters::refused_integer_lists_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("part");
    const auto row = [](const char *text, const char *part) {
        QTest::newRow(text) << std::string(text) << std::string(part);
    };
    row("", "''");
    row(",", "''");
    row("1,", "''");
    row("8..7", "'8..7' is an empty range");
    row("1..8:0", "'0' is out of range; allowed is 1 to ");
    row("1..8:-1", "'-1' is out of range; allowed is 1 to ");
    row("1..8:0.5", "'0.5' is not a whole number");
    row("0..8", "'0' is out of range; allowed is 1 to 65536");
    row("8..65537", "'65537' is out of range; allowed is 1 to 65536");
    row("0", "'0' is out of range; allowed is 1 to 65536");
    row("8,65537", "'65537' is out of range; allowed is 1 to 65536");
    row("1e300", "'1e300' is out of range; allowed is 1 to 65536");
    row("1.5", "'1.5' is not a whole number");
    row("1,024", "'024' begins with 0; commas separate the values of a list, 1024 is written without");
    row("1..", "not a whole number or a range like 16..128:8");
    row("..8", "not a whole number or a range like 16..128:8");
    row("1..8:", "not a whole number or a range like 16..128:8");
    row("1..2..3", "not a whole number or a range like 16..128:8");
    row("1..8:2:2", "not a whole number or a range like 16..128:8");
    row("1-8", "not a whole number or a range like 16..128:8");
    row("1...8", "'.8' is not a whole number");
    row("8 B", "not a whole number or a range like 16..128:8");
    row("nan", "not a whole number or a range like 16..128:8");
    row("all", "not a whole number or a range like 16..128:8");
}

void TestParameters::refused_integer_lists()
{
    QFETCH(std::string, text);
    QFETCH(std::string, part);
    SearchSpace space = study.search;
    const auto problem = set_field(space, field<SearchSpace>("batch"), text, BareNumbers::refused);
    QVERIFY(problem);
    QVERIFY2(holds(*problem, part), problem->c_str());
    QVERIFY(space == study.search);
}

void TestParameters::integer_ranges_keep_to_their_limits()
{
    const auto ten_to_twenty = parse_integers("10..20:5", 10, 20);
    QVERIFY(std::holds_alternative<Integers>(ten_to_twenty));
    QCOMPARE(std::get<Integers>(ten_to_twenty), (Integers{10, 15, 20}));
    QVERIFY(std::holds_alternative<std::string>(parse_integers("9", 10, 20)));
    QVERIFY(std::holds_alternative<std::string>(parse_integers("21", 10, 20)));
    QVERIFY(std::holds_alternative<std::string>(parse_integers("10..21", 10, 20)));
    QVERIFY(std::holds_alternative<Integers>(parse_integers("0", 0, 16)));
    QVERIFY(std::holds_alternative<Integers>(parse_integers("-3..3", -5, 5)));
    QCOMPARE(std::get<Integers>(parse_integers("1..65536", 1, 65536)).size(), std::size_t{65536});
}

void TestParameters::policy_lists()
{
    SearchSpace space;
    const Field<SearchSpace> &row = field<SearchSpace>("policy");
    QVERIFY(!set_field(space, row, "naive, dual-mbatch,naive", BareNumbers::refused));
    QVERIFY(space.policy == (std::vector{Policy::naive, Policy::dual_mbatch}));
    QCOMPARE(field_text(space, row), std::string("naive, dual-mbatch"));
    QVERIFY(set_field(space, row, "", BareNumbers::refused));
    QVERIFY(set_field(space, row, "naive,", BareNumbers::refused));
    QCOMPARE(space.policy.size(), std::size_t{2});
}

void TestParameters::precision_lists_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("expected");
    const auto row = [](const char *text, const char *expected) {
        QTest::newRow(text) << std::string(text) << std::string(expected);
    };
    row("2 B / 1 B", "2 B / 1 B");
    row("2B/1B", "2 B / 1 B");
    row("0.5625 B / 2 B", "0.5625 B / 2 B");
    row("2 B / 2 B, 1 B / 2 B, 1 B / 1 B", "2 B / 2 B, 1 B / 2 B, 1 B / 1 B");
    row("1 B / 1 B, 2 B / 2 B", "1 B / 1 B, 2 B / 2 B");
    row("1 B / 2 B, 2 B / 1 B, 1 B / 2 B", "1 B / 2 B, 2 B / 1 B");
    row("0.5 B / 4 B", "0.5 B / 4 B");
}

void TestParameters::precision_lists()
{
    QFETCH(std::string, text);
    QFETCH(std::string, expected);
    SearchSpace space;
    const auto problem = set_field(space, field<SearchSpace>("precision"), text, BareNumbers::refused);
    QVERIFY2(!problem, problem.value_or("").c_str());
    QCOMPARE(field_text(space, field<SearchSpace>("precision")), expected);
}

void TestParameters::refused_precisions_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("part");
    const auto row = [](const char *text, const char *part) {
        QTest::newRow(text) << std::string(text) << std::string(part);
    };
    row("", "is not a pair; expected the sizes of KV cache and parameters as '1 B / 2 B'");
    row("2 B", "'2 B' is not a pair");
    row("2 B / 1 B / 1 B", "is not a pair");
    row("2 B 1 B", "is not a pair");
    row("2 B / 1 B,", "is not a pair");
    row("2 / 1 B", "'2' has no unit");
    row("2 B / 1", "'1' has no unit");
    row("2 B /", "'' is not a number");
    row("/ 2 B", "'' is not a number");
    row("0.01 B / 1 B", "'0.01 B' is out of range");
    row("1 B / 65 B", "'65 B' is out of range");
    row("1 B / 1 us", "'us' is the unit of a time");
    row("1 B / 2 B, 1 kB / 1 B", "'1 kB' is out of range");
}

void TestParameters::refused_precisions()
{
    QFETCH(std::string, text);
    QFETCH(std::string, part);
    SearchSpace space = study.search;
    const auto problem = set_field(space, field<SearchSpace>("precision"), text, BareNumbers::refused);
    QVERIFY(problem);
    QVERIFY2(holds(*problem, part), problem->c_str());
    QVERIFY(space == study.search);
}

void TestParameters::sets_every_parameter_by_its_path()
{
    for (const Parameter &parameter : all_parameters()) {
        const std::string path = path_of(parameter);
        std::string text = "a text";
        if (!parameter.choices.empty())
            text = parameter.choices.back();
        else if (parameter.key == "precision")
            text = "0.75 B / 3 B";
        else if (parameter.key == "assumed")
            text = "clock, fa3";
        else if (parameter.max < std::numeric_limits<double>::max())
            text = base_text(parameter.dimension == Dimension::fraction ? 0.5
                    : parameter.key == "dense_layers"                   ? 5
                                                                        : parameter.max,
                parameter.dimension);
        const auto value_of = [&](const Study &from) {
            const auto text_in = [&]<class T>(const T &object) { return field_text(object, field<T>(parameter.key)); };
            switch (parameter.scope) {
            case Scope::workload:
                return text_in(from.workload);
            case Scope::search:
                return text_in(from.search);
            case Scope::target:
                return text_in(from);
            case Scope::chip:
                return text_in(from.chips.back());
            case Scope::nic:
                return text_in(from.nics.back());
            case Scope::model:
                return text_in(from.model);
            case Scope::quirks:
                return text_in(from.profile.quirks);
            case Scope::profile:
                return text_in(from.profile);
            }
            return std::string();
        };
        Study changed = study;
        if (parameter.key == "equations") { // which need other rules than the published ones
            QVERIFY(set_text(changed, path, text));
            continue;
        }
        if (parameter.key == "experts_per_token") // more experts than there are would not do
            QVERIFY(!set_text(changed, "model.routed_experts", text));
        const auto problem = set_text(changed, path, text);
        QVERIFY2(!problem, (path + "=" + text + ": " + problem.value_or("")).c_str());
        const bool whole = parameter.dimension == Dimension::count && parameter.choices.empty() && parameter.max < 1e15;
        QVERIFY2(value_of(changed) == text || (whole && std::stod(value_of(changed)) == std::stod(text)),
            (path + ": " + value_of(changed)).c_str());
        if (parameter.scope == Scope::chip || parameter.scope == Scope::nic)
            continue;
        if (value_of(study).empty()) // what a model does not state
            continue;
        // Nothing else has changed.
        QVERIFY2(!set_text(changed, path, value_of(study)), path.c_str());
        if (parameter.key == "experts_per_token")
            QVERIFY(!set_text(changed, "model.routed_experts", "256"));
        QVERIFY2(changed == study, path.c_str());
    }
}

void TestParameters::finds_parameters_and_their_texts()
{
    for (const Parameter &parameter : all_parameters()) {
        const std::string path = path_of(parameter);
        const Parameter *found = find_parameter(path);
        QVERIFY2(found && found->key == parameter.key && found->scope == parameter.scope, path.c_str());
        const auto text = parameter_text(study, path);
        QVERIFY2(text, path.c_str());
        if (text->empty() && !parameter.required)
            continue; // not set
        Study changed = study;
        if (parameter.scope == Scope::chip || parameter.scope == Scope::nic) { // without a name the first one's
            changed.chips.resize(1);
            changed.nics.resize(1);
        }
        const Study before = changed;
        QVERIFY2(!set_text(changed, path, *text), path.c_str());
        QVERIFY2(changed == before, path.c_str());
    }
    QCOMPARE(find_parameter("kv_elem_size")->key, find_parameter("precision")->key);
    QCOMPARE(parameter_text(study, "kv_elem_size").value_or(""), std::string("2 B"));
    QCOMPARE(parameter_text(study, "param_elem_size").value_or(""), std::string("2 B"));
    QCOMPARE(parameter_text(study, "chip.memory").value_or(""), std::string("80 GB"));
    QCOMPARE(parameter_text(study, "chip.H20.memory").value_or(""), std::string("96 GB"));
    QCOMPARE(parameter_text(study, "nic.E810 100Gbps.bandwidth").value_or(""), std::string("10 GiB/s"));
    QCOMPARE(std::string(find_parameter("chip.H20.memory")->key), std::string("memory"));
    for (const char *unknown : {"", "contxt", "chip", "chip.memry", "chip.H20.memry", "model.deepseek-v3.layers",
             "memory", "workload.context"}) {
        QVERIFY2(!find_parameter(unknown), unknown);
        QVERIFY2(!parameter_text(study, unknown), unknown);
    }
    QVERIFY(!parameter_text(study, "chip.H8000.memory"));
}

void TestParameters::sets_all_chips_or_one()
{
    Study changed = study;
    QVERIFY(!set_text(changed, "chip.memory", "123 GiB"));
    for (const Chip &chip : changed.chips)
        QCOMPARE(exact_text(chip.memory), std::string("123 GiB"));

    changed = study;
    QVERIFY(!set_text(changed, "chip.H20.memory", "123 GiB"));
    for (std::size_t i = 0; i < study.chips.size(); ++i) {
        Chip expected = study.chips[i];
        if (expected.name == "H20")
            expected.memory = changed.chips[i].memory;
        QVERIFY(changed.chips[i] == expected);
    }
    QCOMPARE(exact_text(changed.chips[1].memory), std::string("123 GiB"));

    changed = study;
    QVERIFY(!set_text(changed, "nic.bandwidth", "100 GB/s"));
    for (const Nic &nic : changed.nics)
        QCOMPARE(exact_text(nic.bandwidth), std::string("100 GB/s"));
}

void TestParameters::names_may_hold_dots_and_blanks()
{
    Study changed = study;
    QVERIFY(!set_text(changed, "nic.CX7 400Gbps.bandwidth", "100 GB/s"));
    QCOMPARE(exact_text(changed.nics[0].bandwidth), std::string("100 GB/s"));
    QVERIFY(changed.nics[1] == study.nics[1]);

    changed = study;
    changed.chips[2].name = "v1.5.memory";
    QVERIFY(!set_text(changed, "chip.v1.5.memory.memory", "123 GB"));
    QCOMPARE(exact_text(changed.chips[2].memory), std::string("123 GB"));
    QCOMPARE(exact_text(changed.chips[1].memory), exact_text(study.chips[1].memory));
}

void TestParameters::sets_the_sizes_of_all_precisions()
{
    Study changed = study;
    QVERIFY(!set_text(changed, "kv_elem_size", "1 B"));
    QVERIFY(changed.search.precision == (std::vector{precision(1, 2), precision(1, 1)}));
    QVERIFY(!set_text(changed, "param_elem_size", "0.5625 B"));
    QVERIFY(changed.search.precision == std::vector{precision(1, 0.5625)});

    changed = study;
    QVERIFY(!set_text(changed, "param_elem_size", "1 B"));
    QVERIFY(changed.search.precision == (std::vector{precision(2, 1), precision(1, 1)}));

    const Study before = changed;
    for (const char *bad : {"65 B", "0.01 B", "1", "1 s", ""}) {
        QVERIFY2(set_text(changed, "kv_elem_size", bad), bad);
        QVERIFY2(set_text(changed, "param_elem_size", bad), bad);
        QVERIFY(changed == before);
    }
}

void TestParameters::units_on_the_command_line()
{
    Study changed = study;
    QVERIFY(set_text(changed, "target_tps", "15"));
    QVERIFY(changed == study);
    QVERIFY(!set_parameter(changed, "target_tps", "15", BareNumbers::allowed));
    QCOMPARE(exact_text(changed.target_tps), std::string("15 tok/s"));
    QVERIFY(!set_parameter(changed, "kv_elem_size", "1", BareNumbers::allowed));
    QVERIFY(!set_parameter(changed, "precision", "1/2", BareNumbers::allowed));
    QVERIFY(changed.search.precision == std::vector{precision(1, 2)});
}

void TestParameters::unknown_parameters_data()
{
    QTest::addColumn<std::string>("key");
    QTest::addColumn<std::string>("value");
    QTest::addColumn<std::string>("start");
    QTest::addColumn<std::string>("suggestion");
    const auto row = [](const char *key, const char *value, const std::string &start, const std::string &suggestion) {
        QTest::newRow(*key ? key : "no key") << std::string(key) << std::string(value) << start
                                             << (suggestion.empty() ? "" : "; did you mean '" + suggestion + "'?");
    };
    const std::string unknown = "unknown key; 'epscope list parameters' lists them";
    row("", "1", unknown, "");
    row("contxt", "1", unknown, "context");
    row("Context", "1", unknown, "context");
    row("mtp-len", "1", unknown, "mtp_len");
    row("kv_elemsize", "1 B", unknown, "kv_elem_size");
    row("chips.memory", "80 GB", unknown, "chip.memory");
    row("quirk.binary_prefixes", "true", unknown, "quirks.binary_prefixes");
    row("memory", "80 GB", unknown, "");
    row("xyzzy", "1", unknown, "");
    row("xyzzy.plugh", "1", unknown, "");
    row("workload.context", "1", unknown, "");
    row("model", "1", unknown, "mode");
    row("model.layer", "61", "unknown key 'layer'; allowed is title, source, hidden_size, layers,", "layers");
    row("model.", "61", "unknown key ''; allowed is title, source, hidden_size,", "");
    row("model.deepseek-v3.layers", "61", "unknown key 'deepseek-v3.layers'; allowed is ", "");
    row("quirks.binary", "true", "unknown key 'binary'; allowed is truncated_query_projection,", "");
    row("profile.gemm_tile_row", "64", "unknown key 'gemm_tile_row'; allowed is title, source,", "gemm_tile_rows");
    row("profile.quirks", "true", "unknown key 'quirks'; allowed is title, source,", "");
    row("chip.memry", "80 GB", "unknown key 'memry'; allowed is title, source, bf16,", "memory");
    row("chip.H800.memry", "80 GB", "unknown key 'memry'; allowed is title, source, bf16,", "memory");
    row("chip.name", "H800", "unknown key 'name'; allowed is ", "");
    row("chip.H8000.memory", "80 GB", "no chip 'H8000' in the study; it has H800, H20, A100, L20", "H800");
    row("chip.h800.memory", "80 GB", "no chip 'h800' in the study; it has H800, H20, A100, L20", "H800");
    row("chip..memory", "80 GB", "no chip '' in the study; it has H800, H20, A100, L20", "");
    row("chip.MI300X.memory", "80 GB", "no chip 'MI300X' in the study; it has H800, H20, A100, L20", "");
    row("nic.CX7.bandwidth", "1 GB/s", "no nic 'CX7' in the study; it has CX7 400Gbps, E810 100Gbps", "");
    row("nic.bandwith", "1 GB/s", "unknown key 'bandwith'; allowed is title, source, bandwidth", "bandwidth");
}

void TestParameters::unknown_parameters()
{
    QFETCH(std::string, key);
    QFETCH(std::string, value);
    QFETCH(std::string, start);
    QFETCH(std::string, suggestion);
    Study changed = study;
    const auto problem = set_text(changed, key, value);
    QVERIFY(problem);
    QVERIFY2(problem->starts_with(start), problem->c_str());
    const std::size_t found = problem->find("; did you mean ");
    QCOMPARE(found == std::string::npos ? std::string() : problem->substr(found), suggestion);
    QVERIFY(changed == study);
}

void TestParameters::reads_context_lengths_in_powers_of_two()
{
    Study changed = study;
    for (const auto &[text, tokens] : {std::pair("128K", 131072), {"128 k", 131072}, {"128 Ki", 131072},
             {"131,072", 131072}, {"1M", 1048576}, {"5000", 5000}}) {
        for (const BareNumbers bare : {BareNumbers::refused, BareNumbers::allowed})
            QVERIFY(!set_parameter(changed, "context", text, bare));
        QCOMPARE(changed.workload.context, std::int64_t{tokens});
        QVERIFY(!set_text(changed, "model.max_context", text));
        QCOMPARE(changed.model.max_context, std::int64_t{tokens});
    }
    QVERIFY(!set_text(changed, "batch", "2 k")); // everything else is counted in thousands
    QVERIFY(changed.search.batch == std::vector<std::int64_t>{2000});
}

// Any chip is taken whose numbers the arithmetic takes; what is unusual is said, and what is not is not.
void TestParameters::says_what_is_unusual()
{
    QVERIFY(remarks(study).empty());
    Study changed = study;
    const std::string chip = "chip." + changed.chips[0].name + ".";
    QVERIFY(!set_text(changed, chip + "memory", "220 MB"));
    QVERIFY(!set_text(changed, chip + "memory_bandwidth", "80 PB/s"));
    QVERIFY(!set_text(changed, "nic." + changed.nics[0].name + ".bandwidth", "100 kbit/s"));
    const std::vector<Remark> expected{{chip + "memory", "'220 MB' is unusual; usually it is 1 GB to 1 PB"},
        {chip + "memory_bandwidth", "'80 PB/s' is unusual; usually it is 1 GB/s to 10 PB/s"},
        {"nic." + changed.nics[0].name + ".bandwidth", "'100 kbit/s' is unusual; usually it is 1 MB/s to 1 PB/s"}};
    QVERIFY(remarks(changed) == expected);
    QCOMPARE(remarks(changed.chips[0]).size(), std::size_t{2});
    QCOMPARE(remarks(changed.chips[0])[0].key, std::string("memory"));
    QCOMPARE(remarks(changed.nics[0]).size(), std::size_t{1});
}

// Nothing is ignored in silence.
void TestParameters::says_what_the_published_equations_ignore()
{
    const std::string whose = "the equations of profile " + study.profile.name + " are the published ones";
    for (const auto &[key, value, message] : {std::tuple("redundant_experts", "32", "has no effect: "),
             {"balancer", "true", "has no effect: "}, {"output_elem_size", "0.5625 B", "has no effect: "},
             {"dense_elem_size", "2 B", "has no effect: "}, {"tp", "8", "only 1 can serve: "},
             {"tp", "1, 8", "only 1 can serve: "}, {"mode", "moe_tp", "only all2all can serve: "}}) {
        Study changed = study;
        QVERIFY(!concerns(changed, key));
        QVERIFY(!set_text(changed, key, value));
        QVERIFY2(remarks(changed) == (std::vector<Remark>{{key, message + whose}}), key);
        QVERIFY(concerns(changed, key));
        changed.profile.equations = Equations::model_2026;
        QVERIFY2(remarks(changed).empty(), key);
        QVERIFY(concerns(with(study, "cards", "64"), "cards"));
    }
}

void TestParameters::says_what_the_model_is_not_made_for()
{
    Study changed = study;
    QVERIFY(changed.model.max_context > 0);
    QVERIFY(!set_text(changed, "context", std::to_string(changed.model.max_context)));
    QVERIFY(remarks(changed).empty());
    QVERIFY(!set_text(changed, "context", std::to_string(changed.model.max_context + 1)));
    const std::string most = std::to_string(changed.model.max_context);
    QVERIFY(remarks(changed)
        == (std::vector<Remark>{{"context",
            std::to_string(changed.model.max_context + 1) + " tokens are more than the model's maximum, " + most}}));
    changed.model.max_context = 0; // not stated
    QVERIFY(remarks(changed).empty());
}

void TestParameters::keeps_entries_consistent_data()
{
    QTest::addColumn<std::string>("key");
    QTest::addColumn<std::string>("value");
    const auto row = [](const char *key, const char *value) {
        QTest::addRow("%s=%s", key, value) << std::string(key) << std::string(value);
    };
    row("model.dense_layers", "62");
    row("model.layers", "2");
    row("model.experts_per_token", "257");
    row("model.routed_experts", "7");
    row("chip.assumed", "colour");
}

// What a file may not say, set_parameter() may not either.
void TestParameters::keeps_entries_consistent()
{
    QFETCH(std::string, key);
    QFETCH(std::string, value);
    Study changed = study;
    const auto problem = set_text(changed, key, value);
    QVERIFY(problem);
    QVERIFY(changed == study);
}

void TestParameters::integers_as_ranges()
{
    const std::pair<Integers, std::vector<std::string>> rows[] = {
        {{}, {}},
        {{144}, {"144"}},
        {{0, 1}, {"0", "1"}},
        {{72, 144, 320}, {"72", "144", "320"}},
        {{8, 16, 24}, {"8..24:8"}},
        {{0, 1, 2, 3, 4}, {"0..4"}},
        {{1, 2, 4, 8, 16, 24, 32, 40, 64}, {"1", "2", "4", "8..40:8", "64"}},
        {{1, 2, 3, 4, 5, 10, 20, 30, 40, 50}, {"1..5", "10..50:10"}},
    };
    for (const auto &[values, items] : rows) {
        QCOMPARE(integer_ranges(values), items);
        Integers back;
        for (const std::string &item : items) {
            const auto some = std::get<Integers>(parse_integers(item, 0, 1000));
            back.insert(back.end(), some.begin(), some.end());
        }
        QVERIFY(back == values);
    }
}

EPSCOPE_SUITE(parameters, TestParameters)
#include "tst_parameters.moc"
