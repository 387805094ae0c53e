package com.example

import com.sun.net.httpserver.HttpServer
import java.net.InetSocketAddress
import java.util.concurrent.atomic.AtomicInteger

/** Hands out numbers, as the desk in a post office does. */
fun main() {
    val next = AtomicInteger(System.getProperty("queue.first", "1").toInt())
    val server = HttpServer.create(InetSocketAddress(8080), 0)
    server.createContext("/ticket") { exchange ->
        val answer = "number ${next.getAndIncrement()}\n".toByteArray()
        exchange.sendResponseHeaders(200, answer.size.toLong())
        exchange.responseBody.use { it.write(answer) }
    }
    server.start()
}
