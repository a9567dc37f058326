/* SPDX-License-Identifier: Apache-2.0 */
/* replay.c - feeds the files of folders to a fuzz target, where there is no libFuzzer:
 * fuzz_TARGET FOLDER... */
#include <dirent.h>
#include <sys/stat.h>

#include "fuzz.h"

static int feed(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat st;
    uint8_t *data;

    if (file == NULL || fstat(fileno(file), &st) != 0) {
        perror(path);
        exit(1);
    }
    if (!S_ISREG(st.st_mode)) {
        fclose(file);
        return 0;
    }
    /* Exactly as long as the file: the address sanitizer sees one byte too many. */
    data = malloc((size_t)st.st_size ? (size_t)st.st_size : 1);
    if (data == NULL || fread(data, 1, (size_t)st.st_size, file) != (size_t)st.st_size) {
        perror(path);
        exit(1);
    }
    fclose(file);
    printf("%s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput(data, (size_t)st.st_size);
    free(data);
    return 1;
}

int main(int argc, char **argv)
{
    int fed = 0;

    for (int i = 1; i < argc; i++) {
        struct dirent **entries;
        int n = scandir(argv[i], &entries, NULL, alphasort);

        if (n < 0) {
            perror(argv[i]);
            return 1;
        }
        for (int j = 0; j < n; j++) {
            char path[4096];

            snprintf(path, sizeof(path), "%s/%s", argv[i], entries[j]->d_name);
            fed += feed(path);
            free(entries[j]);
        }
        free(entries);
    }
    printf("%d inputs\n", fed);
    return fed > 0 ? 0 : 1;
}
