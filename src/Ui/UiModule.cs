using FabLab.Ui.Assets;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace FabLab.Ui;

/// <summary>How an app takes the design system in: services, then the two middlewares before its endpoints, then the assets.</summary>
public static class UiModule
{
    public static IServiceCollection AddUi(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddScoped<PageText>();
        services.AddRazorComponents();
        return services;
    }

    /// <summary>Security headers and the language of the request. Before routing to any page.</summary>
    public static IApplicationBuilder UseUi(this IApplicationBuilder app) => app
        .UseMiddleware<SecurityHeadersMiddleware>()
        .UseMiddleware<LanguageMiddleware>();
}
