/* The executable's entry: CPython in isolation, with this very file as its only module search path.
 *
 * The modules lie in a zip behind the program. They are read through /proc/self/exe, which stays the file
 * that was started, also when another one is put in its place while this one runs.
 */
#define _GNU_SOURCE
#include <Python.h>

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <nss.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SELF "/proc/self/exe"
#define END_OF_ZIP "PK\5\6"
#define END_OF_ZIP_BYTES 22

/* _archive.py writes the whole file's size in here: 20 digits. */
static volatile const char seal[] = "METRIC-AI-FILE-SIZE:00000000000000000000";

/* Says on stderr why it cannot start, in the form that go-plugin's hosts log as an error. */
static int refuse(const char *what)
{
    fprintf(stderr, "[ERROR] metric-ai: %s\n", what);
    return 1;
}

/* 0 when the file is as long as it was made, and ends as a zip does. */
static int check_file(void)
{
    char text[300], end[END_OF_ZIP_BYTES] = "";
    struct stat found;
    const char *digits = (const char *)seal + sizeof seal - 21;
    long long expected = strtoll(digits, NULL, 10);

    int file = open(SELF, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &found) != 0) {
        snprintf(text, sizeof text,
                 "cannot read its own file through " SELF " (%s); /proc has to be mounted",
                 strerror(errno));
        return refuse(text);
    }
    if (found.st_size != expected) {
        snprintf(text, sizeof text,
                 "this file is %s: found %lld bytes, expected %lld; fetch it again and compare its sha256",
                 found.st_size < expected ? "truncated" : "damaged", (long long)found.st_size, expected);
        close(file);
        return refuse(text);
    }
    ssize_t got = pread(file, end, sizeof end, found.st_size - (off_t)sizeof end);
    close(file);
    if (got != (ssize_t)sizeof end || memcmp(end, END_OF_ZIP, 4) != 0) {
        return refuse("this file is damaged: the list of its modules is not at its end; fetch it again and "
                      "compare its sha256");
    }
    return 0;
}

static PyStatus configure(PyConfig *config, int argc, char **argv)
{
    PyStatus status;
    wchar_t **paths[] = {&config->executable, &config->base_executable, &config->prefix,
                         &config->base_prefix, &config->exec_prefix, &config->base_exec_prefix,
                         &config->stdlib_dir, &config->home, &config->program_name};

    config->install_signal_handlers = 1; /* SIGPIPE is an error of the write, not the end of the plugin */
    config->site_import = 0;
    config->write_bytecode = 0;
    config->pathconfig_warnings = 0;
    config->use_frozen_modules = 1;
    config->code_debug_ranges = 0;
    config->parse_argv = 0;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        status = PyConfig_SetString(config, paths[i], L"" SELF);
        if (PyStatus_Exception(status))
            return status;
    }
    status = PyConfig_SetString(config, &config->run_command,
                                L"import sys\n"
                                L"from rollouts_plugin_metric_ai.cli import main\n"
                                L"sys.exit(main())\n");
    if (PyStatus_Exception(status))
        return status;
    config->module_search_paths_set = 1;
    status = PyWideStringList_Append(&config->module_search_paths, L"" SELF);
    if (PyStatus_Exception(status))
        return status;
    return PyConfig_SetBytesArgv(config, argc, argv);
}

int main(int argc, char **argv)
{
    PyPreConfig before;
    PyConfig config;
    PyStatus status;

    if (check_file() != 0)
        return 1;
    /* Names are resolved as in an image without nsswitch.conf, on every machine: what that file may name
     * are shared libraries of another glibc. */
    __nss_configure_lookup("hosts", "files dns");
    __nss_configure_lookup("passwd", "files");
    __nss_configure_lookup("group", "files");
    __nss_configure_lookup("services", "files");

    /* The interpreter's lock has one thread run at a time, so that arenas for each would only cost memory. */
    mallopt(M_ARENA_MAX, 1);

    PyPreConfig_InitIsolatedConfig(&before);
    before.utf8_mode = 1;
    status = Py_PreInitialize(&before);
    if (PyStatus_Exception(status))
        Py_ExitStatusException(status);
    PyConfig_InitIsolatedConfig(&config);
    status = configure(&config, argc, argv);
    if (!PyStatus_Exception(status))
        status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status))
        Py_ExitStatusException(status);
    return Py_RunMain();
}
