plugins {
    kotlin("jvm") version "2.2.20"
    id("com.gradleup.shadow") version "9.2.2"
    application
}

kotlin { jvmToolchain(21) }

application { mainClass.set("com.example.QueueKt") }
