/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/config.h"
#include "model/run.h"
#include "reports/writer.h"

int hg_cli_fail(const struct hg_error *err)
{
    struct hg_buf clean = { 0 };

    /* The offending word comes from a file or a command line: it may hold anything. */
    hg_text_clean(&clean, err->text, strlen(err->text), sizeof(err->text));
    fprintf(stderr, "headgate: %s\n%s", hg_buf_text(&clean), err->excerpt);
    hg_buf_done(&clean);
    return hg_error_exit_status(err);
}

/* The folder of this program, with `tail` after it; NULL when it is not there. */
static char *beside_us(const char *tail)
{
    char exe[4096];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    char *slash, *path;

    if (n <= 0) {
        return NULL;
    }
    exe[n] = '\0';
    slash = strrchr(exe, '/');
    *slash = '\0';
    if (asprintf(&path, "%s/%s", exe, tail) < 0) {
        return NULL;
    }
    if (access(path, R_OK) != 0) {
        free(path);
        return NULL;
    }
    return path;
}

char *hg_cli_checks_dir(const struct hg_cli *cli)
{
    const char *stated = cli->checks ? cli->checks : getenv("HEADGATE_CHECKS");
    char *path;

    if (stated != NULL) {
        return strdup(stated);
    }
    path = beside_us("checks"); /* the build folder has a link there */
    path = path ? path : beside_us("../share/headgate/checks");
    return path ? path : strdup(HG_CHECKS_DIR);
}

void hg_cli_probe_dirs(const struct hg_cli *cli, struct hg_dirs *dirs)
{
    size_t n = 0;

    *dirs = (struct hg_dirs){ 0 };
    for (; cli->probes[n] != NULL; n++) {
        dirs->items[n] = cli->probes[n];
    }
    dirs->owned[0] = beside_us("../probes"); /* in the build folder */
    dirs->owned[1] = beside_us("../libexec/headgate");
    for (size_t i = 0; i < HG_COUNT(dirs->owned); i++) {
        if (dirs->owned[i] != NULL) {
            dirs->items[n++] = dirs->owned[i];
        }
    }
    dirs->items[n] = HG_PROBES_DIR;
}

void hg_cli_dirs_done(struct hg_dirs *dirs)
{
    free(dirs->owned[0]);
    free(dirs->owned[1]);
}

static const char *from_environment(void *data, const char *name)
{
    (void)data;
    return getenv(name);
}

void hg_loaded_done(struct hg_loaded *loaded)
{
    json_decref(loaded->failed);
    hg_plan_free(loaded->plan);
    hg_checks_free(loaded->checks);
}

static bool apply_fail_on(const struct hg_cli *cli, struct hg_plan *plan, struct hg_error *err)
{
    return cli->fail_on == NULL || hg_severity_parse(cli->fail_on, &plan->fail_on) ||
           hg_fail(err, HG_E_USAGE, "--fail-on `%.40s` is not info, minor, major or blocker",
                   cli->fail_on);
}

/* Said before anything is contacted, and a finding afterwards. */
static void say_malformed(const struct hg_plan *plan)
{
    for (size_t i = 0; i < plan->n_waivers; i++) {
        struct hg_buf clean = { 0 };
        const char *problem = plan->waivers[i].problem;

        if (problem != NULL) {
            hg_text_clean(&clean, problem, strlen(problem), 512);
            fprintf(stderr, "headgate: note: a waiver that is not applied: %s\n",
                    hg_buf_text(&clean));
        }
        hg_buf_done(&clean);
    }
}

/* A word of the command line names another place than the plan's. What the plan dials instead
 * of the secrets' hosts is the way from the place that it names: from another one those are
 * dialled. */
static bool apply_vantage(const struct hg_cli *cli, struct hg_plan *plan, struct hg_error *err)
{
    if (cli->vantage == NULL || strcmp(cli->vantage, plan->vantage) == 0) {
        return true;
    }
    if (!hg_vantage_known(cli->vantage)) {
        return hg_fail(err, HG_E_USAGE, "--vantage `%.40s` is not inside, tunnel or outside",
                       cli->vantage);
    }
    for (size_t i = 0; strcmp(cli->vantage, "tunnel") != 0 && i < plan->n_targets; i++) {
        plan->targets[i].connect = NULL;
    }
    plan->vantage = cli->vantage;
    return true;
}

bool hg_cli_load(const struct hg_cli *cli, struct hg_loaded *ret, struct hg_error *err)
{
    char *dir = hg_cli_checks_dir(cli), *profiles = NULL;
    struct hg_plan_context context = { .lookup = from_environment };

    *ret = (struct hg_loaded){ 0 };
    if (cli->n_operands != 1) {
        free(dir);
        return hg_fail(err, HG_E_USAGE, "`headgate %s` wants one plan file; see --help",
                       cli->command);
    }
    if (dir == NULL || asprintf(&profiles, "%s/profiles", dir) < 0) {
        free(dir);
        return hg_fail_nomem(err);
    }
    ret->checks = hg_checks_load(dir, err);
    context.profiles_dir = profiles;
    context.checks = ret->checks;
    context.extra_profiles = cli->profiles[0] ? cli->profiles : NULL;
    if (ret->checks != NULL) {
        ret->plan = hg_plan_load(cli->operands[0], &context, err);
    }
    if (ret->plan != NULL) {
        say_malformed(ret->plan);
    }
    free(profiles);
    free(dir);
    return ret->plan != NULL && apply_fail_on(cli, ret->plan, err) &&
           apply_vantage(cli, ret->plan, err) && hg_cli_select(cli, ret, err);
}

enum hg_level hg_cli_level(const struct hg_cli *cli, const struct hg_plan *plan)
{
    return cli->attempts               ? HG_LEVEL_ATTEMPT
           : cli->prove || plan->prove ? HG_LEVEL_PROVE
                                       : HG_LEVEL_LOOK;
}

/* ---- reports ---- */

static const struct hg_writer *writer_of(const char *report, const char **ret_file)
{
    const char *equals = strchr(report, '=');
    char name[64];

    *ret_file = equals ? equals + 1 : "-";
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(report, "="), report);
    return hg_writer_find(name);
}

/* Of a command line's `x=FILE`, and of `--to x`. */
static bool no_such_format(const char *report, struct hg_error *err)
{
    const char *names[64] = { NULL }, *near;
    struct hg_buf list = { 0 };
    char name[64];

    for (size_t i = 0; hg_writers[i] != NULL && i < 63; i++) {
        names[i] = hg_writers[i]->name;
        hg_buf_printf(&list, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(report, "="), report);
    near = hg_did_you_mean(name, names);
    hg_fail(err, HG_E_USAGE, "there is no report format `%s`; %s%s%s", name,
            near ? "did you mean `" : "there are ", near ? near : hg_buf_text(&list),
            near ? "`?" : "");
    hg_buf_done(&list);
    return false;
}

bool hg_cli_check_reports(const struct hg_cli *cli, struct hg_error *err)
{
    const char *file, *colour = cli->colour ? cli->colour : "auto";

    if (strcmp(colour, "auto") != 0 && strcmp(colour, "always") != 0 &&
        strcmp(colour, "never") != 0) {
        return hg_fail(err, HG_E_USAGE, "--color `%.40s` is not auto, always or never", colour);
    }
    for (size_t i = 0; cli->reports[i] != NULL; i++) {
        const struct hg_writer *writer = writer_of(cli->reports[i], &file);

        if (writer == NULL) {
            return no_such_format(cli->reports[i], err);
        }
        if (file[0] == '\0') {
            return hg_fail(err, HG_E_USAGE,
                           "--report `%s` is not FORMAT=FILE: it names no file",
                           cli->reports[i]);
        }
    }
    return true;
}

/* NO_COLOR beats a terminal, --color beats both (https://no-color.org). */
static bool wants_colour(const struct hg_cli *cli, const char *file)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

    if (cli->colour != NULL && strcmp(cli->colour, "auto") != 0) {
        return strcmp(cli->colour, "always") == 0;
    }
    return strcmp(file, "-") == 0 && isatty(STDOUT_FILENO) && (no == NULL || no[0] == '\0') &&
           (term == NULL || strcmp(term, "dumb") != 0);
}

static size_t width_of(const struct hg_cli *cli)
{
    struct winsize size;

    if (cli->width > 0) {
        return (size_t)cli->width;
    }
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
        size.ws_col >= 40) {
        return size.ws_col > 100 ? 100 : size.ws_col;
    }
    return 80;
}

struct hg_look hg_cli_look(const struct hg_cli *cli, const char *file)
{
    return (struct hg_look){ wants_colour(cli, file), width_of(cli), cli->verbose };
}

static bool write_one(const struct hg_cli *cli, const struct hg_run *run,
                      const struct hg_writer *writer, const char *file, struct hg_error *err)
{
    struct hg_look look = hg_cli_look(cli, file);
    struct hg_buf out = { 0 };
    bool ok;

    writer->write(&out, run, &look);
    ok = hg_buf_ok(&out) ? hg_file_write(file, 0644, hg_buf_text(&out), out.len, err)
                         : hg_fail_nomem(err);
    hg_buf_done(&out);
    return ok;
}

static void one_line(const struct hg_run *run)
{
    fprintf(stderr,
            "headgate: the gate is %s: %zu passed, %zu failed, %zu unknown, %zu waived, %zu "
            "skipped\n",
            run->exit_status == 0 ? "OPEN" : "CLOSED", run->count[HG_PASS], run->count[HG_FAIL],
            run->count[HG_UNKNOWN], run->count[HG_WAIVED], run->count[HG_SKIP]);
}

bool hg_cli_report(const struct hg_cli *cli, json_t *run_doc, int *ret_status)
{
    struct hg_error err = { 0 };
    HG_AUTO(hg_run_freep) struct hg_run *run = hg_run_from_json(run_doc, &err);
    bool ok = run != NULL;
    int status = ok ? run->exit_status : hg_error_exit_status(&err);

    if (ok && cli->reports[0] == NULL) {
        ok = write_one(cli, run, hg_writer_find("terminal"), "-", &err);
    }
    for (size_t i = 0; run != NULL && cli->reports[i] != NULL; i++) {
        const char *file;
        const struct hg_writer *writer = writer_of(cli->reports[i], &file);

        if (!write_one(cli, run, writer, file, &err)) {
            ok = false; /* the others are written all the same */
        }
    }
    if (!ok) {
        (void)hg_cli_fail(&err);
        *ret_status = run == NULL || status == 130 ? status : 70;
        return false;
    }
    if (cli->reports[0] != NULL && !cli->quiet) {
        one_line(run);
    }
    *ret_status = status;
    return true;
}
