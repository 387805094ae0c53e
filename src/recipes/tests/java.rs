//! Java applications.

use super::Case;

const APP: (&str, &str) = (
    "src/main/java/com/example/App.java",
    "package com.example;\n\nimport java.util.List;\n\npublic class App {\n    public static void main(String[] a) {}\n}\n",
);
const SPRING: (&str, &str) =
    ("pom.xml", "<project><plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin></project>");

pub(super) const CASES: [Case; 30] = [
    Case {
        what: "a log that the command names, where only root writes",
        files: &[(
            "Dockerfile",
            "FROM openjdk:8-jre-alpine\nWORKDIR /s\nCOPY a.jar /s/a.jar\nCMD [\"java\", \"-jar\", \"/s/a.jar\", \"--log\", \"/var/log/a.log\"]\n",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("the command names /var/log/a.log"),
    },
    Case {
        what: "what ADD fetches is its owner's alone",
        files: &[
            (
                "Dockerfile",
                "FROM eclipse-temurin:21-jre\nADD https://example.com/a.jar /srv/a.jar\nCMD [\"java\", \"-jar\", \"/srv/a.jar\"]\n",
            ),
            APP,
        ],
        says: &["COPY --from=build --chown=65532:65532 /srv/a.jar /srv/a.jar"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "certificates that the base imports at every start",
        files: &[
            (
                "Dockerfile",
                "FROM eclipse-temurin:21-jre\nCOPY a.jar /a.jar\nENV USE_SYSTEM_CA_CERTS=1\nCMD [\"java\", \"-jar\", \"/a.jar\"]\n",
            ),
            APP,
        ],
        says: &[],
        lacks: &[],
        blocked: Some("USE_SYSTEM_CA_CERTS"),
    },
    Case {
        what: "arguments that a manifest appends to the program's own",
        files: &[
            (
                "Dockerfile",
                "FROM eclipse-temurin:21-jre\nCOPY a.jar /a.jar\nENTRYPOINT [\"java\", \"-jar\", \"/a.jar\"]\n",
            ),
            (
                "compose.yaml",
                "services:\n  api:\n    build: .\n    command: [\"--spring.profiles.active=prod\"]\n",
            ),
            APP,
        ],
        says: &["ENTRYPOINT [\"java\", \"-jar\", \"/a.jar\"]"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a folder for logs that Spring's settings name",
        files: &[
            (
                "Dockerfile",
                "FROM eclipse-temurin:21-jre\nWORKDIR /app\nCOPY target/a.jar a.jar\nENTRYPOINT [\"java\", \"-jar\", \"a.jar\"]\n",
            ),
            APP,
            ("src/main/resources/application.yml", "logging:\n  file:\n    name: logs/app.log\n"),
        ],
        says: &["RUN mkdir -p /app/logs", "COPY --from=build --chown=65532:65532 /app/logs /app/logs"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "and one elsewhere",
        files: &[
            (
                "Dockerfile",
                "FROM eclipse-temurin:21-jre\nCOPY target/a.jar /a.jar\nENTRYPOINT [\"java\", \"-jar\", \"/a.jar\"]\n",
            ),
            APP,
            ("src/main/resources/logback-spring.xml", "<file>/var/log/shop/shop.log</file>\n"),
        ],
        says: &[
            "RUN mkdir -p /var/log/shop",
            "COPY --from=build --chown=65532:65532 /var/log/shop /var/log/shop",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a jar in /tmp goes along",
        files: &[
            (
                "Dockerfile",
                "FROM eclipse-temurin:11-jre\nWORKDIR /tmp\nCOPY a.jar ./a.jar\nCMD [\"java\", \"-jar\", \"a.jar\"]\n",
            ),
            APP,
        ],
        says: &["COPY --from=build /tmp/a.jar /tmp/a.jar"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "what a program of its own installs is not known",
        files: &[(
            "Dockerfile",
            "FROM tomcat:10.1-jdk21\nCOPY x.jar /install/\nRUN java -jar /install/x.jar\nCMD [\"catalina.sh\", \"run\"]\n",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("what this RUN leaves"),
    },
    Case {
        what: "a screen",
        files: &[
            (
                "Dockerfile",
                "FROM eclipse-temurin:21\nCOPY a.jar /a.jar\nCMD [\"java\", \"-Djava.awt.headless=false\", \"-jar\", \"/a.jar\"]\n",
            ),
            APP,
        ],
        says: &[],
        lacks: &[],
        blocked: Some("draws on a screen"),
    },
    Case {
        what: "a jar that is only copied: the base changes where it stands",
        files: &[
            (
                "Dockerfile",
                "FROM openjdk:17-jdk-slim\nVOLUME /tmp\nARG JAR_FILE=target/*.jar\nCOPY ${JAR_FILE} app.jar\nRUN sh -c 'touch /app.jar'\nENTRYPOINT [\"java\",\"-jar\",\"/app.jar\"]\n",
            ),
            APP,
        ],
        says: &[
            "FROM gcr.io/distroless/java17-debian13:nonroot",
            "COPY ${JAR_FILE} app.jar",
            "ENTRYPOINT [\"java\",\"-jar\",\"/app.jar\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a jar that holds everything goes alone",
        files: &[
            (
                "Dockerfile",
                "FROM maven:3.9-eclipse-temurin-21\nWORKDIR /app\nCOPY . .\nRUN mvn package\nCMD [\"java\", \"-jar\", \"target/a-1.jar\"]\n",
            ),
            APP,
            SPRING,
        ],
        says: &["COPY --from=build /app/target/a-1.jar /app/target/a-1.jar", "CMD [\"target/a-1.jar\"]"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "one that may not brings the folder with its libraries",
        files: &[
            (
                "Dockerfile",
                "FROM maven:3.9-eclipse-temurin-21\nWORKDIR /app\nCOPY . .\nRUN mvn package\nCMD [\"java\", \"-jar\", \"target/a-1.jar\"]\n",
            ),
            APP,
            ("pom.xml", "<project><dependency/><dependency>x</dependency></project>"),
        ],
        says: &["COPY --from=build /app/target /app/target"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "Kotlin DSL, a configuration file beside the jar, and another that nothing reads",
        files: &[
            (
                "Dockerfile",
                "FROM gradle:8-jdk21\nWORKDIR /app\nCOPY . .\nRUN gradle bootJar\nCMD [\"java\", \"-jar\", \"build/libs/a.jar\"]\n",
            ),
            APP,
            ("build.gradle.kts", "plugins { id(\"org.springframework.boot\") version \"3\" }\n"),
            ("config/application.yml", "a: 1\n"),
            ("notes.txt", ""),
        ],
        says: &[
            "COPY --from=build /app/build/libs/a.jar /app/build/libs/a.jar",
            "COPY --from=build /app/config /app/config",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "JAVA_OPTS is what Java reads itself, from 9 on",
        files: &[
            (
                "Dockerfile",
                "FROM eclipse-temurin:21-jre\nCOPY app.jar /app.jar\nENV JAVA_OPTS=\"-Xmx1g -Da=b\"\nENTRYPOINT [\"sh\", \"-c\", \"java $JAVA_OPTS -jar /app.jar ${0} ${@}\"]\n",
            ),
            APP,
        ],
        says: &["ENV JDK_JAVA_OPTIONS=\"-Xmx1g -Da=b\"", "ENTRYPOINT [\"java\", \"-jar\", \"/app.jar\"]"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "and not where compose sets it",
        files: &[
            (
                "Dockerfile",
                "FROM eclipse-temurin:21-jre\nCOPY app.jar /app.jar\nENTRYPOINT exec java $JAVA_OPTS -jar /app.jar\n",
            ),
            ("compose.yaml", "services:\n  api:\n    build: .\n    environment:\n      JAVA_OPTS: -Xmx2g\n"),
            APP,
        ],
        says: &[],
        lacks: &[],
        blocked: Some("api in compose.yaml sets JAVA_OPTS"),
    },
    Case {
        what: "a value with quotes is no option of JDK_JAVA_OPTIONS",
        files: &[
            (
                "Dockerfile",
                "FROM eclipse-temurin:21-jre\nCOPY app.jar /app.jar\nENV JAVA_OPTS=\"-Da='b c'\"\nCMD java $JAVA_OPTS -jar /app.jar\n",
            ),
            APP,
        ],
        says: &[],
        lacks: &[],
        blocked: Some("quotes"),
    },
    Case {
        what: "a variable that only the run sets needs the shell",
        files: &[
            (
                "Dockerfile",
                "FROM eclipse-temurin:21-jre\nCOPY app.jar /app.jar\nCMD java -Dserver.port=$PORT -jar /app.jar\n",
            ),
            APP,
        ],
        says: &[],
        lacks: &[],
        blocked: Some("which only the run sets"),
    },
    Case {
        what: "a pattern becomes a name",
        files: &[
            (
                "Dockerfile",
                "FROM maven:3.9-eclipse-temurin-17\nWORKDIR /app\nCOPY . .\nRUN mvn package\nCMD java -jar target/*.jar\n",
            ),
            APP,
            SPRING,
        ],
        says: &["COPY --from=build /app/target/*.jar /app/target/app.jar", "CMD [\"target/app.jar\"]"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "Java 11 is in no minimal image: it is copied, without its compiler",
        files: &[
            (
                "Dockerfile",
                "FROM eclipse-temurin:11-jdk\nCOPY a.jar /srv/a.jar\nCMD [\"java\", \"-jar\", \"/srv/a.jar\"]\n",
            ),
            APP,
        ],
        says: &[
            "FROM gcr.io/distroless/java-base-debian13:nonroot",
            "RUN cp -RL \"$JAVA_HOME\" /jre \\",
            "COPY --from=build /jre /opt/java/openjdk",
            "CMD [\"java\", \"-jar\", \"/srv/a.jar\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "Java 8 of Alpine goes with musl",
        files: &[
            (
                "Dockerfile",
                "FROM openjdk:8-jre-alpine\nCOPY a.jar /srv/a.jar\nCMD [\"java\", \"-jar\", \"/srv/a.jar\"]\n",
            ),
            APP,
        ],
        says: &["FROM scratch", "    cd /jre; \\", "USER 65532:65532"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a health check is a class, compiled where a compiler is",
        files: &[
            (
                "Dockerfile",
                "FROM maven:3-eclipse-temurin-21 AS build\nCOPY . /src\nRUN mvn -f /src package\n\nFROM eclipse-temurin:17-jre\nCOPY --from=build /src/target/a.jar /a.jar\nHEALTHCHECK CMD curl -f http://localhost:8080/ || exit 1\nCMD [\"java\", \"-jar\", \"/a.jar\"]\n",
            ),
            APP,
            SPRING,
        ],
        says: &[
            "    && javac --release 17 -d /healthcheck /healthcheck/HealthCheck.java",
            "COPY --from=build /healthcheck /healthcheck",
            "HEALTHCHECK CMD [\"java\", \"-cp\", \"/healthcheck\", \"HealthCheck\", \"http://localhost:8080/\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "Tomcat starts without its script",
        files: &[(
            "Dockerfile",
            "FROM tomcat:10.1-jdk21\nCOPY target/a.war /usr/local/tomcat/webapps/ROOT.war\n",
        )],
        says: &[
            "COPY --from=build --chown=65532:65532 /usr/local/tomcat/webapps /usr/local/tomcat/webapps",
            "     \"-Djava.io.tmpdir=/usr/local/tomcat/temp\", \"org.apache.catalina.startup.Bootstrap\", \"start\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "unless it reads settings at every start",
        files: &[
            (
                "Dockerfile",
                "FROM tomcat:10.1-jdk21\nCOPY setenv.sh /usr/local/tomcat/bin/setenv.sh\nCMD [\"catalina.sh\", \"run\"]\n",
            ),
            ("setenv.sh", "export JAVA_OPTS=-Xmx1g\n"),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("setenv.sh"),
    },
    Case {
        what: "a time zone that a RUN links is a variable",
        files: &[
            (
                "Dockerfile",
                "FROM eclipse-temurin:17-jre\nRUN ln -sf /usr/share/zoneinfo/Asia/Shanghai /etc/localtime && echo Asia/Shanghai > /etc/timezone\nCOPY a.jar /a.jar\nCMD [\"java\", \"-Xmx1g\", \"-jar\", \"/a.jar\"]\n",
            ),
            APP,
        ],
        says: &["ENV TZ=Asia/Shanghai", "ENTRYPOINT []", "CMD [\"java\", \"-Xmx1g\", \"-jar\", \"/a.jar\"]"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "Java from the system's packages, of a version that is offered",
        files: &[
            (
                "Dockerfile",
                "FROM debian:trixie-slim\nRUN apt-get update && apt-get install -y openjdk-21-jre-headless\nENV JAVA_HOME=/usr/lib/jvm/java-21-openjdk-amd64\nENV PATH=$JAVA_HOME/bin:$PATH\nCOPY a.jar /a.jar\nCMD [\"java\", \"-jar\", \"/a.jar\"]\n",
            ),
            APP,
        ],
        says: &["FROM gcr.io/distroless/java21-debian13:nonroot", "CMD [\"/a.jar\"]"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a build tool that starts the application",
        files: &[
            (
                "Dockerfile",
                "FROM maven:3-eclipse-temurin-21\nWORKDIR /a\nCOPY . .\nCMD [\"mvn\", \"spring-boot:run\"]\n",
            ),
            APP,
            SPRING,
        ],
        says: &[],
        lacks: &[],
        blocked: Some("mvn builds at every start"),
    },
    Case {
        what: "a program that the sources start",
        files: &[
            (
                "Dockerfile",
                "FROM eclipse-temurin:21-jre\nCOPY target/a.jar /a.jar\nCMD [\"java\", \"-jar\", \"/a.jar\"]\n",
            ),
            (
                "src/main/java/A.java",
                "import java.util.List;\nclass A {\n    void f() throws Exception {\n        new ProcessBuilder(\"git\", \"log\").start();\n    }\n}\n",
            ),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("the application starts git (ProcessBuilder)"),
    },
    Case {
        what: "what needs a compiler needs a development kit",
        files: &[
            (
                "Dockerfile",
                "FROM eclipse-temurin:21\nCOPY target/a.jar /a.jar\nCMD [\"java\", \"-jar\", \"/a.jar\"]\n",
            ),
            ("src/main/java/A.java", "import javax.tools.ToolProvider;\nclass A {}\n"),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("only a development kit has"),
    },
    Case {
        what: "classes that javac made",
        files: &[
            (
                "Dockerfile",
                "FROM openjdk:21\nCOPY . /usr/src/app\nWORKDIR /usr/src/app\nRUN javac Main.java\nCMD [\"java\", \"Main\"]\n",
            ),
            ("Main.java", "class Main {}\n"),
        ],
        says: &["COPY --from=build /usr/src/app /usr/src/app", "CMD [\"java\", \"Main\"]"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "who writes beside the jar gets the folder",
        files: &[
            (
                "Dockerfile",
                "FROM eclipse-temurin:21-jre\nWORKDIR /app\nCOPY target/a.jar a.jar\nCMD [\"java\", \"-jar\", \"a.jar\"]\n",
            ),
            (
                "src/main/java/A.java",
                "import java.io.FileWriter;\nclass A {\n    void f() throws Exception {\n        new FileWriter(\"notes.txt\").close();\n    }\n}\n",
            ),
        ],
        says: &["COPY --from=build --chown=65532:65532 /app /app"],
        lacks: &[],
        blocked: None,
    },
];
