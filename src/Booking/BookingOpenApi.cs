using FabLab.Core;
using FabLab.Core.Badges;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using NodaTime;

namespace FabLab.Booking;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c>.</summary>
internal static class BookingOpenApi
{
    public static void Add(IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddSchemaTransformer((schema, context, _) =>
        {
            Describe(schema, Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type);
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "FabLab Booking",
                Version = "v1",
                Description = "Instants are whole Unix milliseconds, durations whole milliseconds, ids UUIDs. Errors are problem details with a stable 'code'. "
                    + "Changes by people need the sign-in cookie and the token of GET /api/v1/session in the header X-FabLab-Token; gateways bring their key as bearer. "
                    + "A POST takes an Idempotency-Key: sent again within a day it gets the same answer.",
            };
            // The address depends on who asks; the document should not.
            document.Servers = [];
            return Task.CompletedTask;
        });
    });

    /// <summary>Types with a converter of their own, which the generator cannot look into.</summary>
    private static void Describe(OpenApiSchema schema, Type type)
    {
        if (type == typeof(Instant) || type == typeof(Duration))
            (schema.Type, schema.Format, schema.Description) = (JsonSchemaType.Integer, "int64", type == typeof(Instant) ? "Unix milliseconds" : "milliseconds");
        else if (type == typeof(LocalDate))
            (schema.Type, schema.Format) = (JsonSchemaType.String, "date");
        else if (type == typeof(DeviceId) || type == typeof(BadgeHash))
            schema.Type = JsonSchemaType.String;
        else if (type.GetInterfaces().Any(contract => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IGuidId<>)))
            (schema.Type, schema.Format) = (JsonSchemaType.String, "uuid");
        else if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>))
            schema.Type = JsonSchemaType.Array;
    }
}
