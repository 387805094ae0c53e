package com.example;

import java.util.Collections;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@RestController
public class RegistryApplication {
    private final Map<String, Integer> seen = new ConcurrentHashMap<>();

    public static void main(String[] args) {
        SpringApplication.run(RegistryApplication.class, args);
    }

    @PutMapping("/birds/{name}")
    public int see(@PathVariable String name) {
        return seen.merge(name, 1, Integer::sum);
    }

    @GetMapping("/birds")
    public Map<String, Integer> all() {
        return Collections.unmodifiableMap(seen);
    }
}
