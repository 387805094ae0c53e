package com.example.menu;

import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.DayOfWeek;
import java.util.Map;

@WebServlet("/menu/*")
public class MenuServlet extends HttpServlet {
    private static final Map<DayOfWeek, String> DISHES =
        Map.of(DayOfWeek.MONDAY, "lentils", DayOfWeek.TUESDAY, "noodles", DayOfWeek.FRIDAY, "fish");

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String day = request.getPathInfo() == null ? "monday" : request.getPathInfo().substring(1);
        response.setContentType("text/plain");
        response.getWriter().println(DISHES.getOrDefault(DayOfWeek.valueOf(day.toUpperCase()), "soup"));
    }
}
