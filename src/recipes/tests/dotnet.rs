//! .NET applications.

use super::Case;

const PROJECT: (&str, &str) = (
    "App.csproj",
    "<Project Sdk=\"Microsoft.NET.Sdk.Web\"><PropertyGroup><InvariantGlobalization>true</InvariantGlobalization></PropertyGroup></Project>",
);

pub(super) const CASES: [Case; 14] = [
    Case {
        what: "Azure Linux stays Azure Linux",
        files: &[(
            "Dockerfile",
            "FROM mcr.microsoft.com/dotnet/runtime:9.0-azurelinux3.0\nCOPY out /app\nWORKDIR /app\nUSER $APP_UID\nENTRYPOINT [\"dotnet\", \"App.dll\"]\n",
        )],
        says: &["FROM mcr.microsoft.com/dotnet/runtime:9.0-azurelinux3.0-distroless-extra", "USER $APP_UID"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a setting of OpenSSL that a RUN changes",
        files: &[(
            "Dockerfile",
            "FROM mcr.microsoft.com/dotnet/aspnet:8.0\nRUN sed -i 's/SECLEVEL=2/SECLEVEL=1/g' /etc/ssl/openssl.cnf\nCOPY out /app\nWORKDIR /app\nENTRYPOINT [\"dotnet\", \"App.dll\"]\n",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("this RUN changes /etc/ssl/openssl.cnf"),
    },
    Case {
        what: "pages that the SDK builds are served by nginx all the same",
        files: &[(
            "Dockerfile",
            "FROM mcr.microsoft.com/dotnet/sdk:8.0 AS build\nWORKDIR /s\nCOPY . .\nRUN dotnet publish -c Release -o /out\nFROM nginx:1.28\nRUN sed -i 's/80/8080/' /etc/nginx/conf.d/default.conf\nCOPY --from=build /out/wwwroot /usr/share/nginx/html\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
        )],
        says: &[
            "RUN sed -i 's/80/8080/' /etc/nginx/conf.d/default.conf",
            "FROM gcr.io/distroless/cc-debian13:nonroot",
            "COPY --from=assemble /usr/sbin/nginx /usr/sbin/nginx",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a version before the first image without a shell keeps its run time",
        files: &[(
            "Dockerfile",
            "FROM mcr.microsoft.com/dotnet/core/aspnet:3.1 AS base\nWORKDIR /app\nEXPOSE 80\nFROM base\nCOPY out .\nENTRYPOINT [\"dotnet\", \"App.dll\"]\n",
        )],
        says: &[
            "FROM gcr.io/distroless/cc-debian13:nonroot",
            "COPY --from=assemble /usr/share/dotnet/shared /usr/share/dotnet/shared",
            "COPY --from=assemble /app /app",
            "ENV PATH=/usr/share/dotnet:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "ENV ASPNETCORE_URLS=http://+:80",
            "ENTRYPOINT [\"dotnet\", \"App.dll\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "compiled at start",
        files: &[(
            "Dockerfile",
            "FROM mcr.microsoft.com/dotnet/sdk:8.0\nWORKDIR /app\nCOPY . .\nENTRYPOINT [\"dotnet\", \"run\"]\n",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("it is compiled at start (dotnet run): publish it"),
    },
    Case {
        what: "a version before the first image without a shell, on musl",
        files: &[(
            "Dockerfile",
            "FROM mcr.microsoft.com/dotnet/core/aspnet:3.1-alpine\nCOPY out /app\nWORKDIR /app\nENTRYPOINT [\"dotnet\", \"App.dll\"]\n",
        )],
        says: &[
            "FROM scratch",
            "COPY --from=assemble /usr/share/dotnet/host /usr/share/dotnet/host",
            "ENV DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=true",
            "USER 65532:65532",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "Alpine is invariant, and the program is portable",
        files: &[(
            "Dockerfile",
            "FROM mcr.microsoft.com/dotnet/aspnet:8.0-alpine\nCOPY out /app\nWORKDIR /app\nENTRYPOINT [\"dotnet\", \"App.dll\"]\n",
        )],
        says: &["FROM mcr.microsoft.com/dotnet/aspnet:8.0-noble-chiseled"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "ICU on Alpine is wanted",
        files: &[(
            "Dockerfile",
            "FROM mcr.microsoft.com/dotnet/aspnet:8.0-alpine\nRUN apk add --no-cache icu-libs\nENV DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=false\nCOPY --chown=app:app out /app\nWORKDIR /app\nENTRYPOINT [\"dotnet\", \"App.dll\"]\n",
        )],
        says: &[
            "FROM mcr.microsoft.com/dotnet/aspnet:8.0-noble-chiseled-extra",
            "ENV DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=false",
            "COPY --chown=app:app out /app",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "published for musl",
        files: &[(
            "Dockerfile",
            "FROM mcr.microsoft.com/dotnet/sdk:8.0-alpine AS build\nCOPY . .\nRUN dotnet publish -r linux-musl-x64 --self-contained -o /out\nFROM mcr.microsoft.com/dotnet/runtime-deps:8.0-alpine\nCOPY --from=build /out /app\nENTRYPOINT [\"/app/App\"]\n",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("published for musl"),
    },
    Case {
        what: "a program of the system is named",
        files: &[
            (
                "Dockerfile",
                "FROM mcr.microsoft.com/dotnet/sdk:8.0 AS build\nWORKDIR /s\nCOPY . .\nRUN dotnet publish -c Release -o /out\nFROM mcr.microsoft.com/dotnet/aspnet:8.0\nCOPY --from=build /out /app\nENTRYPOINT [\"dotnet\", \"/app/App.dll\"]\n",
            ),
            PROJECT,
            ("Program.cs", "System.Diagnostics.Process.Start(\"ffmpeg\", \"-i x\");\n"),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("the application starts ffmpeg (Process.Start)"),
    },
    Case {
        what: "a database beside the program",
        files: &[
            (
                "Dockerfile",
                "FROM mcr.microsoft.com/dotnet/sdk:8.0 AS build\nWORKDIR /s\nCOPY . .\nRUN dotnet publish -c Release -o /out\nFROM mcr.microsoft.com/dotnet/aspnet:8.0\nWORKDIR /app\nCOPY --from=build /out .\nENTRYPOINT [\"dotnet\", \"App.dll\"]\n",
            ),
            PROJECT,
            ("appsettings.json", "{\"ConnectionStrings\": {\"Main\": \"Data Source=app.db;Cache=Shared\"}}"),
        ],
        says: &[
            "FROM mcr.microsoft.com/dotnet/aspnet:8.0-noble-chiseled",
            "COPY --from=assemble --chown=app:app /app /app",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a database elsewhere",
        files: &[
            (
                "Dockerfile",
                "FROM mcr.microsoft.com/dotnet/aspnet:8.0\nWORKDIR /app\nCOPY . .\nENTRYPOINT [\"dotnet\", \"App.dll\"]\n",
            ),
            ("appsettings.json", "{\"Main\": \"Data Source=/data/app.db\"}"),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("the application writes to /data/app.db"),
    },
    Case {
        what: "a stage for debugging stands on the same image",
        files: &[(
            "Dockerfile",
            "FROM mcr.microsoft.com/dotnet/aspnet:8.0 AS base\nWORKDIR /app\nFROM base AS debug\nRUN apt-get update && apt-get install -y gdb\nFROM base AS final\nCOPY out .\nENTRYPOINT [\"dotnet\", \"App.dll\"]\n",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("stage debug stands on the same image"),
    },
    Case {
        what: "a folder that a RUN made goes along",
        files: &[(
            "Dockerfile",
            "FROM mcr.microsoft.com/dotnet/aspnet:8.0\nWORKDIR /app\nRUN mkdir /app/keys && chown 1654 /app/keys\nCOPY out .\nUSER app\nENTRYPOINT [\"dotnet\", \"App.dll\"]\n",
        )],
        says: &[
            "FROM mcr.microsoft.com/dotnet/aspnet:8.0-noble-chiseled-extra",
            "COPY --from=assemble --chown=app:app /app/keys /app/keys",
            "USER app",
        ],
        lacks: &[],
        blocked: None,
    },
];
