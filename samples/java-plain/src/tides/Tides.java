package tides;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** High water at a few stations. */
public final class Tides {
    private static Map<String, String> stations = new TreeMap<>();

    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 8080;
        for (String line : Files.readAllLines(Path.of("data", "stations.csv"))) {
            String[] fields = line.split(",");
            stations.put(fields[0], fields[1]);
        }
        HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
        server.createContext("/health", exchange -> answer(exchange, 200, "ok " + stations.size() + "\n"));
        server.createContext("/tides/", Tides::tide);
        server.start();
        System.out.println("listening on " + port);
    }

    private static void tide(HttpExchange exchange) throws IOException {
        String name = exchange.getRequestURI().getPath().substring("/tides/".length());
        String high = stations.get(name);
        if (high == null) {
            answer(exchange, 404, "no such station\n");
        } else {
            answer(exchange, 200, "high water at " + name + ": " + high + " m\n");
        }
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
