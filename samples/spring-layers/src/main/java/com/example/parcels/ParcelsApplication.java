package com.example.parcels;

import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@RestController
public class ParcelsApplication {
    private static final List<String> DEPOTS = List.of("north", "harbour", "airport");

    public static void main(String[] args) {
        SpringApplication.run(ParcelsApplication.class, args);
    }

    /** The depot that a post code belongs to. */
    @GetMapping("/depot")
    public String depot(@RequestParam int code) {
        return DEPOTS.get(Math.floorMod(code, DEPOTS.size())) + "\n";
    }
}
