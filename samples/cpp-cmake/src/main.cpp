// Says when the water is high, over HTTP.

#include "moon.hpp"

#include <json/json.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

static std::string answer(const Json::Value &ports, const std::string &path) {
    const std::string name = path.substr(path.rfind('/') + 1);
    if (!ports.isMember(name)) {
        return "";
    }
    std::ostringstream body;
    body << name << " " << high_water(ports[name].asInt(), 10 * 1440) << "\n";
    return body.str();
}

int main(int argc, char **argv) {
    std::ifstream file(PORTS_FILE);
    Json::Value ports;
    if (!file || !Json::Reader().parse(file, ports)) {
        std::cerr << "cannot read " << PORTS_FILE << "\n";
        return 1;
    }
    const int server = socket(AF_INET, SOCK_STREAM, 0);
    const int on = 1;
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(argc > 1 ? std::atoi(argv[1]) : 5000);
    if (bind(server, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0 || listen(server, 16) != 0) {
        std::cerr << "cannot listen\n";
        return 1;
    }
    for (;;) {
        const int client = accept(server, nullptr, nullptr);
        char request[2048] = {};
        if (client < 0 || read(client, request, sizeof request - 1) <= 0) {
            continue;
        }
        std::istringstream line(request);
        std::string method, path;
        line >> method >> path;
        const std::string body = answer(ports, path);
        std::ostringstream reply;
        reply << "HTTP/1.1 " << (body.empty() ? "404 Not Found" : "200 OK") << "\r\nContent-Length: " << body.size()
              << "\r\nConnection: close\r\n\r\n" << body;
        const std::string text = reply.str();
        (void)!write(client, text.data(), text.size());
        close(client);
    }
}
