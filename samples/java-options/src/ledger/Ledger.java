package ledger;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.ZoneId;
import java.util.List;

/** Appends what it is sent to a file, a line each, and reads it back. */
public final class Ledger {
    private static final Path BOOK = Path.of("/data", "book.txt");

    public static void main(String[] args) throws IOException {
        String currency = System.getProperty("ledger.currency", "none");
        HttpServer server = HttpServer.create(new InetSocketAddress(8081), 0);
        server.createContext("/", exchange -> {
            String query = exchange.getRequestURI().getQuery();
            if (query != null) {
                Files.writeString(BOOK, query + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
            List<String> lines = Files.exists(BOOK) ? Files.readAllLines(BOOK) : List.of();
            String text = String.join(",", lines) + " in " + currency + ", " + ZoneId.systemDefault() + "\n";
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        System.out.println("ledger of " + args.length + " arguments is open");
    }
}
