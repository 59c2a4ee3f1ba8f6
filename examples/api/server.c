/* A web service of one sentence: answers every request on port 8080 with a greeting. */
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static const char answer[] = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhello from a small image\n";

int main(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8080)};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 16) < 0) {
        perror("api");
        return 1;
    }
    for (;;) {
        char request[1024];
        int client = accept(listener, NULL, NULL);
        if (client < 0) {
            continue;
        }
        if (read(client, request, sizeof request) > 0 && write(client, answer, sizeof answer - 1) < 0) {
            perror("api");
        }
        close(client);
    }
}
