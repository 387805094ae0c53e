/* Says which libcurl it is linked to, and that it can resolve and refuse. */

#include <curl/curl.h>
#include <stdio.h>

int main(int argc, char **argv) {
    char greeting[80] = "";
    FILE *file = fopen(argc > 1 ? argv[1] : "greeting.txt", "r");
    if (file == NULL || fgets(greeting, sizeof greeting, file) == NULL) {
        perror("greeting");
        return 1;
    }
    fclose(file);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    printf("%s%s\n", greeting, curl_version());
    CURL *handle = curl_easy_init();
    curl_easy_setopt(handle, CURLOPT_URL, "https://localhost:1/");
    CURLcode code = curl_easy_perform(handle);
    printf("%s\n", code == CURLE_COULDNT_CONNECT ? "refused, as it should be" : curl_easy_strerror(code));
    curl_easy_cleanup(handle);
    curl_global_cleanup();
    return code == CURLE_COULDNT_CONNECT ? 0 : 1;
}
